"""What ``/metrics`` tells, right with any number of workers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

RESOLUTION_BUCKETS_S = (0.01, 0.05, 0.1, 0.5, 1, 60, 300, 900, 3600, 14_400, 28_800, 86_400, 172_800, 604_800)
REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
WAIT_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1)
SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64)

METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"})


class Metrics:
    """The counters of one worker.

    With ``PROMETHEUS_MULTIPROC_DIR`` set before prometheus_client is imported, every worker writes to a file
    of its own there, and a scrape of any of them sums all. Rates are no gauges of a worker: they are computed
    from the summed counters at the scrape, and absent until there is something to compute them from.
    """

    def __init__(self) -> None:
        own = CollectorRegistry()
        self._own = own
        self.tickets = Counter(
            "customer_support_tickets", "Tickets received", ["channel", "category"], registry=own
        )
        self.auto_resolved = Counter(
            "customer_support_auto_resolved", "Tickets answered without a person", ["category"], registry=own
        )
        self.escalated = Counter(
            "customer_support_escalated", "Tickets handed to a person", ["queue"], registry=own
        )
        self.resolution_time = Histogram(
            "customer_support_resolution_time_seconds",
            "From receipt to resolution",
            ["by"],
            buckets=RESOLUTION_BUCKETS_S,
            registry=own,
        )
        self.sla = Counter(
            "customer_support_sla_outcomes", "Resolved tickets by their deadline", ["outcome"], registry=own
        )
        self.ratings = Counter("customer_support_ratings", "Customers' ratings", ["verdict"], registry=own)
        self.requests = Histogram(
            "http_request_duration_seconds",
            "Duration of HTTP requests by route template",
            ["method", "route", "status"],
            buckets=REQUEST_BUCKETS_S,
            registry=own,
        )
        self.queue_wait = Histogram(
            "firstline_batch_queue_wait_seconds",
            "How long a request waited for its batch",
            buckets=WAIT_BUCKETS_S,
            registry=own,
        )
        self.batch_size = Histogram(
            "firstline_batch_size", "Requests in one batch", buckets=SIZE_BUCKETS, registry=own
        )
        self.refused = Counter(
            "firstline_refused", "Requests refused because the queue was full", registry=own
        )
        self.shadow = Counter(
            "firstline_shadow_tickets", "Tickets offered to the challenger", ["outcome"], registry=own
        )
        self.reload_failures = Counter(
            "firstline_reload_failures", "New versions that could not be opened", ["part"], registry=own
        )

    def batch_started(self, size: int, waits_s: Sequence[float]) -> None:
        """Records one batch (a `BatchObserver`)."""
        self.batch_size.observe(size)
        for wait_s in waits_s:
            self.queue_wait.observe(wait_s)

    def request_answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Records one HTTP request by its route template."""
        self.requests.labels(method if method in METHODS else "other", route, str(status)).observe(seconds)

    def ticket_received(self, channel: str, category: str) -> None:
        """Counts one new ticket."""
        self.tickets.labels(channel, category).inc()

    def ticket_auto_resolved(self, category: str, seconds: float) -> None:
        """Counts one automatic answer."""
        self.auto_resolved.labels(category).inc()
        self.resolution_time.labels("firstline").observe(seconds)

    def ticket_escalated(self, queue: str) -> None:
        """Counts one ticket handed to a person."""
        self.escalated.labels(queue).inc()

    def ticket_resolved_by_person(self, seconds: float) -> None:
        """Records the time a person took."""
        self.resolution_time.labels("person").observe(seconds)

    def deadline_judged(self, *, met: bool) -> None:
        """Records whether a resolved ticket met its deadline."""
        self.sla.labels("met" if met else "missed").inc()

    def rated(self, *, satisfied: bool) -> None:
        """Counts one rating."""
        self.ratings.labels("satisfied" if satisfied else "not_satisfied").inc()

    def shadowed(self, outcome: str, count: int) -> None:
        """Counts tickets that a challenger read, dropped or failed on (a `ShadowObserver`)."""
        self.shadow.labels(outcome).inc(count)

    def exposition(self) -> bytes:
        """Returns all workers' figures in Prometheus' text format."""
        return generate_latest(_Scrape(_summed(self._own)))


@dataclass(frozen=True, slots=True)
class Rate:
    """A share computed from a counter: samples whose `label` is `good`, of all."""

    name: str
    help_text: str
    counter: str
    label: str
    good: str

    def family(self, families: Iterable[Metric]) -> Iterable[Metric]:
        """Yields the rate as a gauge, nothing where nothing was counted."""
        counts = {
            sample.labels[self.label]: sample.value
            for family in families
            if family.name == self.counter
            for sample in family.samples
            if sample.name == f"{self.counter}_total"
        }
        if total := sum(counts.values()):
            yield GaugeMetricFamily(self.name, self.help_text, value=counts.get(self.good, 0.0) / total)


RATES = (
    Rate(
        "customer_support_sla_compliance_rate",
        "Share of resolved tickets that met their deadlines",
        "customer_support_sla_outcomes",
        "outcome",
        "met",
    ),
    Rate(
        "customer_support_csat_score",
        "Share of ratings that count as satisfied",
        "customer_support_ratings",
        "verdict",
        "satisfied",
    ),
)


class _Scrape:
    """A registry's families with the rates computed from them."""

    def __init__(self, source: CollectorRegistry) -> None:
        self._source = source

    def collect(self) -> Iterable[Metric]:
        families = list(self._source.collect())
        yield from families
        for rate in RATES:
            yield from rate.family(families)


def _summed(own: CollectorRegistry) -> CollectorRegistry:
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:
        return own
    return registry

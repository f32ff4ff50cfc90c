"""The desk in use, kept up to date while the service runs: promoted bundles, standings of articles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from data.errors import FirstlineError
from data.schema import Channel
from kb_index.search import KnowledgeIndex
from models.bundle import Bundle
from models.encoder import Encoder
from serving.domain.ids import RandomIds
from serving.domain.intake import Incoming
from serving.domain.outcome import Outcome
from serving.domain.ticket import Customer
from serving.front_office import Work
from serving.live_standings import LiveStandings
from serving.observability.logs import get_log
from serving.orchestrator.desk import Desk, DeskPorts
from serving.settings import Settings
from serving.storage import CustomerRow
from serving.storage.from_domain import to_domain_customer

RETRY_S = 30.0


class Champion(Protocol):
    """Gives the promoted bundle."""

    def current(self) -> Bundle:
        """Returns it; may open a new one, which takes a moment."""
        ...


class Index(Protocol):
    """Gives the newest version of the index for one encoder."""

    def current(self) -> KnowledgeIndex:
        """Returns it without delay."""
        ...


class Customers(Protocol):
    """Knows customers from before."""

    def get_many(self, customer_ids: list[str]) -> Mapping[str, CustomerRow]:
        """Returns those that are known, by id."""
        ...


@dataclass(frozen=True)
class DeskSource:
    """Where desks come from; `open_index` opens the index for a bundle's encoder."""

    settings: Settings
    champion: Champion
    open_index: Callable[[Bundle], Index]
    ids: RandomIds
    standings: LiveStandings


class LiveDesk:
    """The desk of the promoted bundle.

    `watch` looks for a new bundle and new standings in a thread of its own; a batch uses the desk that stands
    when it begins, with one bundle and one index from its first ticket to its last.

    Attributes:
        failures: new bundles that could not be used, and looks that went wrong altogether.
    """

    def __init__(self, source: DeskSource, customers: Customers) -> None:
        self._source = source
        self._customers = customers
        self._bundle = source.champion.current()
        self._index = source.open_index(self._bundle)
        self.desk = self._build(self._bundle, self._index)
        self._retry_at = 0.0
        self._stopped = threading.Event()
        self.failures = 0

    def handle(self, work: list[Work]) -> list[Outcome]:
        """Returns what became of each message; customers known from before keep their tier."""
        unknown = [item.intake.customer.id for item in work if not item.tier_is_given]
        known = self._customers.get_many(unknown) if unknown else {}
        intakes = [
            item.intake
            if item.tier_is_given or item.intake.customer.id not in known
            else replace(item.intake, customer=_joined(item.intake.customer, known[item.intake.customer.id]))
            for item in work
        ]
        return self.desk.handle(intakes)

    def warm_up(self) -> None:
        """Reads one message, so that what loads at first use is loaded before the first customer waits."""
        self.desk.handle([self.desk.accept(Incoming(Customer(id="warm-up"), Channel.SELF_SERVICE, "Hello?"))])

    def refresh(self) -> None:
        """Takes over a new bundle, if there is one that can be used."""
        bundle = self._source.champion.current()
        if bundle is self._bundle or time.monotonic() < self._retry_at:
            return
        try:
            if bundle.encoder.id != self._bundle.encoder.id:
                self._index = self._source.open_index(bundle)
        except FirstlineError:
            self.failures += 1
            self._retry_at = time.monotonic() + RETRY_S
            get_log("models").exception("bundle_refused", bundle=bundle.version)
            return
        self._bundle, self.desk = bundle, self._build(bundle, self._index)
        get_log("models").info("bundle_adopted", bundle=bundle.version)

    def open_beside(
        self, open_bundle: Callable[[Encoder], Bundle], open_index: Callable[[Bundle], Index]
    ) -> Desk:
        """Returns a desk with another bundle, on the index in use if the encoder is the same.

        Args:
            open_bundle: given the encoder that is open already.
            open_index: opens the index of another encoder.
        """
        bundle = open_bundle(self._bundle.encoder)
        same = bundle.encoder.id == self._bundle.encoder.id
        return self._build(bundle, self._index if same else open_index(bundle))

    def watch(self, every_s: float, looked: Callable[[], None]) -> None:
        """Starts to look for what is new every `every_s` seconds until `stop`; calls `looked` each time."""

        def watch() -> None:
            while not self._stopped.wait(every_s):
                self._look()
                looked()

        threading.Thread(target=watch, name="desk-watch", daemon=True).start()

    def _look(self) -> None:
        try:
            self._source.standings.refresh()
            self.refresh()
        except Exception:  # counted; the next look may succeed, and without a watcher nothing new would
            self.failures += 1
            get_log("models").exception("look_failed")

    def stop(self) -> None:
        """Stops looking."""
        self._stopped.set()

    def _build(self, bundle: Bundle, index: Index) -> Desk:
        articles = bundle.scorer.topic_articles.by_topic
        ports = DeskPorts(
            models=bundle,
            knowledge=index,
            topic_articles=articles,
            topic_categories=bundle.topic_category,
            standings=self._source.standings,
            ids=self._source.ids,
        )
        return Desk(self._source.settings, ports)


def _joined(given: Customer, stored: CustomerRow) -> Customer:
    """Returns the stored customer with the name and address that came with this message."""
    known = to_domain_customer(stored)
    return replace(known, name=given.name or known.name, email=given.email or known.email)

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from serving.observability.metrics import Metrics

BRIEF = {
    "customer_support_tickets_total",
    "customer_support_auto_resolved_total",
    "customer_support_escalated_total",
    "customer_support_resolution_time_seconds_count",
    "customer_support_sla_compliance_rate",
    "customer_support_csat_score",
}
WORKER = """
from serving.observability.metrics import Metrics
metrics = Metrics()
for number in range(3):
    metrics.ticket_received("chat", "account")
metrics.ticket_auto_resolved("account", 0.2)
metrics.deadline_judged(met={met})
metrics.rated(satisfied={met})
metrics.request_answered("POST", "/api/v1/tickets", 201, 0.02)
metrics.batch_started(3, [0.001, 0.002, 0.003])
print(metrics.exposition().decode())
"""


def samples(text: str) -> dict[str, float]:
    """Returns each sample's sum over its labels."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def test_metrics_have_the_names_of_the_brief() -> None:
    metrics = Metrics()
    metrics.ticket_received("chat", "account")
    metrics.ticket_auto_resolved("account", 0.5)
    metrics.ticket_escalated("vip_support")
    metrics.deadline_judged(met=True)
    metrics.rated(satisfied=True)
    assert set(samples(metrics.exposition().decode())) >= BRIEF


def test_rates_are_absent_until_something_is_counted_and_then_shares() -> None:
    metrics = Metrics()
    before = samples(metrics.exposition().decode())
    assert "customer_support_csat_score" not in before
    assert "customer_support_sla_compliance_rate" not in before
    for satisfied in (True, True, True, False):
        metrics.rated(satisfied=satisfied)
        metrics.deadline_judged(met=not satisfied)
    after = samples(metrics.exposition().decode())
    assert after["customer_support_csat_score"] == 0.75
    assert after["customer_support_sla_compliance_rate"] == 0.25


def test_exposition_sums_all_workers(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    texts = [
        subprocess.run(
            [sys.executable, "-c", WORKER.format(met=met)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for met in (True, False)
    ]
    figures = samples(texts[-1])
    assert figures["customer_support_tickets_total"] == 6
    assert figures["customer_support_resolution_time_seconds_count"] == 2
    assert figures["customer_support_sla_compliance_rate"] == 0.5
    assert figures["customer_support_csat_score"] == 0.5
    assert figures["http_request_duration_seconds_count"] == 2
    assert figures["firstline_batch_size_sum"] == 6


def test_unknown_methods_share_one_label() -> None:
    metrics = Metrics()
    for method in ("BREW", "PROPFIND"):
        metrics.request_answered(method, "unmatched", 404, 0.001)
    assert 'method="other",route="unmatched",status="404"} 2.0' in metrics.exposition().decode()

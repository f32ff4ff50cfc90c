from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from evaluation.shadow import Judged, measure_shadow
from serving.storage import CorrectedTicket, CorrectionRow, ShadowRow
from tests.unit.serving.orchestrator.fakes import shipped_settings

AT = datetime(2026, 3, 1, tzinfo=UTC)
COSTS = shipped_settings().costs


def reading(answers: bool, topic: str = "password_reset", probability: float = 0.9) -> dict[str, Any]:
    return {
        "category": "account",
        "topic": topic,
        "sentiment": "neutral",
        "urgent": False,
        "article_id": "KB001",
        "probability": probability,
        "threshold": 0.8,
        "action": "auto_resolve" if answers else "route",
    }


def row(number: int, champion: dict[str, Any], challenger: dict[str, Any]) -> ShadowRow:
    return ShadowRow(
        ticket_id=f"T{number}",
        champion="old",
        challenger="new",
        champion_reading=champion,
        challenger_reading=challenger,
        at=AT,
    )


def corrected(ticket_id: str, **labels: Any) -> CorrectedTicket:
    return CorrectedTicket(
        ticket_id=ticket_id,
        language="zh",
        channel="chat",
        subject="",
        message="退款",
        correction=CorrectionRow(actor="agent-7", at=AT, **labels),
    )


ROWS = [
    row(1, reading(True), reading(True, probability=0.7)),
    row(2, reading(False), reading(True)),
    row(3, reading(False), reading(True, "refund_status")),
    row(4, reading(True), reading(False)),
    row(5, reading(False), reading(False)),
]


def test_measure_shadow_counts_what_each_would_have_answered() -> None:
    found = measure_shadow(ROWS, [], COSTS)
    assert (found.champion_answered.value, found.challenger_answered.value) == (0.4, 0.6)
    assert (found.only_champion, found.only_challenger) == (1, 2)
    assert found.predicted_gain.value == pytest.approx(0.2)
    assert found.predicted_gain.low < 0.2 < found.predicted_gain.high
    assert found.agreement["action"].value == pytest.approx(0.4)
    assert found.agreement["topic"].value == pytest.approx(0.8)
    assert found.challenger_expected_right == pytest.approx((0.7 + 0.9 + 0.9) / 3)
    assert found.predicted_savings == pytest.approx(COSTS.human_ticket - COSTS.automated_ticket)


def test_measure_shadow_people_decide_who_was_right() -> None:
    said = [
        corrected("T3", topic="tax_vat"),
        corrected("T3", topic="refund_status", urgent=True),
        corrected("T1", topic="password_reset"),
        corrected("T99", topic="password_reset"),
    ]
    found = measure_shadow(ROWS, said, COSTS)
    assert found.corrected == {"topic": Judged(2, 1, 2), "urgent": Judged(1, 0, 0)}


def test_measure_shadow_nothing_answered_expects_nothing() -> None:
    found = measure_shadow([row(1, reading(False), reading(False))], [], COSTS)
    assert (found.champion_expected_right, found.challenger_expected_right) == (None, None)
    assert found.json()["predicted_gain"]["value"] == 0.0

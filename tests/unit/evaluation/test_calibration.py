from __future__ import annotations

import pytest

from data.schema import Language, Sentiment
from evaluation.calibration import measure_calibration
from tests.unit.evaluation.builders import reading, ticket

TICKETS = [
    ticket("password_reset", Language.ZH, urgent=True),
    ticket("password_reset", Language.ZH),
    ticket("refund_request", Language.JA, sentiment=Sentiment.NEGATIVE),
    ticket("account_compromised", Language.DE),
]
READINGS = [
    reading("password_reset", urgent=0.7),
    reading("refund_request", urgent=0.2),
    reading("refund_request", sentiment="negative"),
    reading("account_compromised"),
]


def test_measure_calibration_brier_scores_are_hand_computed() -> None:
    report = measure_calibration(TICKETS, READINGS)
    assert set(report) == {"category", "topic", "sentiment", "urgency"}
    right, wrong = 0.1**2, 0.9**2  # the builder states 0.9 of every category
    assert report["category"]["brier"] == pytest.approx((3 * right + wrong) / 4)
    assert report["urgency"]["brier"] == pytest.approx((0.3**2 + 0.2**2 + 0.1**2 + 0.1**2) / 4)


def test_measure_calibration_by_language_is_of_its_own_tickets() -> None:
    by_language = measure_calibration(TICKETS, READINGS)["category"]["by_language"]
    assert set(by_language) == {"de", "ja", "zh"}
    assert by_language["zh"]["brier"] == pytest.approx((0.1**2 + 0.9**2) / 2)
    assert by_language["ja"] == {"ece": pytest.approx(0.1), "brier": pytest.approx(0.01)}


def test_measure_calibration_reliability_counts_every_ticket() -> None:
    points = measure_calibration(TICKETS, READINGS)["urgency"]["reliability"]
    assert sum(count for _, _, count in points) == len(TICKETS)
    assert [stated for stated, _, _ in points] == sorted(stated for stated, _, _ in points)
    assert points[-1] == [pytest.approx(0.7), 1.0, 1]

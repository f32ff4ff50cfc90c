from __future__ import annotations

import pytest

from data.schema import Channel, Language, Sentiment
from evaluation.classification import measure_readings
from tests.unit.evaluation.builders import reading, ticket

TICKETS = [
    ticket("password_reset", Language.DE),
    ticket("refund_request", Language.JA, Channel.EMAIL, Sentiment.NEGATIVE, urgent=True),
    ticket("account_compromised", Language.ES, urgent=True),
]
READINGS = [
    reading("password_reset"),
    reading("refund_request", sentiment="negative", urgent=0.9),
    reading("refund_request"),
]


def test_measure_readings_overall_figures_are_hand_computed() -> None:
    overall = measure_readings(TICKETS, READINGS)["overall"]
    assert overall["tickets"] == 3
    assert overall["category_accuracy"] == pytest.approx(2 / 3)
    assert overall["topic_accuracy"] == pytest.approx(2 / 3)
    assert overall["category_macro_f1"] == pytest.approx(2 / 3)
    assert overall["sentiment_macro_f1"] == pytest.approx(1.0)
    assert overall["urgency_f1"] == pytest.approx(2 / 3)


def test_measure_readings_slices_add_up() -> None:
    report = measure_readings(TICKETS, READINGS)
    assert set(report["by_language"]) == {"de", "es", "ja"}
    assert set(report["by_channel"]) == {"chat", "email"}
    assert sum(row["tickets"] for row in report["by_language"].values()) == 3
    assert report["by_language"]["es"]["category_accuracy"] == 0.0
    assert report["by_channel"]["email"]["category_accuracy"] == 1.0


def test_measure_readings_recall_of_a_category_has_its_interval() -> None:
    account = measure_readings(TICKETS, READINGS)["by_category"]["account"]
    assert account["tickets"] == 2
    assert account["recall"]["value"] == 0.5
    assert 0 < account["recall"]["low"] < 0.5 < account["recall"]["high"] < 1


def test_measure_readings_calibration_is_of_the_stated_probability() -> None:
    calibration = measure_readings(TICKETS, READINGS)["calibration"]
    assert calibration["category"]["brier"] == pytest.approx((0.01 + 0.01 + 0.81) / 3)
    assert set(calibration) == {"category", "topic", "sentiment", "urgency"}

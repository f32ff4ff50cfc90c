from __future__ import annotations

import numpy as np
import pytest

from data.schema import Language
from evaluation.resolution import measure_answers
from models.thresholds import Threshold
from tests.unit.evaluation.builders import ticket

TICKETS = [
    ticket("password_reset"),
    ticket("password_reset", Language.FR),
    ticket("refund_request", Language.ZH),
    ticket("account_compromised", Language.JA),
]
PROBABILITIES = np.array([0.9, 0.6, 0.95, 0.8])
RIGHT = np.array([True, False, True, False])
THRESHOLDS = {
    "account": Threshold("account", 0.7, 100, 1, 0.04),
    "returns": Threshold("returns", None, 10, 1, 0.4),
}


def test_measure_answers_only_those_at_their_threshold_are_answered() -> None:
    figures = measure_answers(
        TICKETS, PROBABILITIES, RIGHT, ["account", "account", "returns", "account"], THRESHOLDS
    )
    assert (figures["tickets"], figures["with_an_article"]) == (4, 3)
    assert figures["answered"]["value"] == pytest.approx(2 / 4)
    assert figures["answered_right"]["value"] == pytest.approx(1 / 2)
    assert figures["recall_at_1"] == pytest.approx(2 / 3)


def test_measure_answers_unknown_category_is_never_answered() -> None:
    figures = measure_answers(TICKETS, PROBABILITIES, RIGHT, ["other"] * 4, THRESHOLDS)
    assert figures["answered"]["value"] == 0.0
    assert (figures["answered_right"]["low"], figures["answered_right"]["high"]) == (0.0, 1.0)

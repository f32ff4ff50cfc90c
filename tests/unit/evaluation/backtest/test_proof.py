from __future__ import annotations

import numpy as np
import pytest

from evaluation.backtest.proof import Standing, answers_needed, expected_threshold, prove
from models.thresholds import Bound, upper_bound

BOUND = Bound(0.05, 0.95)


def proof(right: int, wrong: int, unanswered: int = 0, expected_share: float = 0.5):  # type: ignore[no-untyped-def]
    answered = np.array([True] * (right + wrong) + [False] * unanswered)
    truth = np.array([True] * right + [False] * (wrong + unanswered), dtype=bool)
    return prove(truth, answered.astype(bool), expected_share, BOUND)


def test_prove_enough_right_answers_keep_the_promise() -> None:
    assert proof(59, 0).standing is Standing.PROVEN
    assert proof(58, 0).standing is Standing.UNPROVEN


def test_prove_missing_labels_are_exactly_those_that_would_prove_it() -> None:
    found = proof(40, 0, unanswered=40)
    assert found.missing == (59 - 40) * 2, "every second labelled ticket of the category is answered"
    assert not found.at_least
    assert upper_bound(0, 40 + found.missing // 2, BOUND.confidence) <= BOUND.wrong_share


def test_prove_without_a_label_supposes_the_best_and_says_so() -> None:
    found = proof(0, 0, expected_share=0.25)
    assert (found.missing, found.at_least) == (59 * 4, True)
    assert proof(0, 0, expected_share=0.0).missing is None


def test_prove_many_wrong_answers_contradict_and_no_label_helps() -> None:
    found = proof(70, 30)
    assert (found.standing, found.missing) == (Standing.CONTRADICTED, None)


def test_prove_one_wrong_of_few_is_not_called_a_contradiction() -> None:
    assert proof(15, 1).standing is Standing.UNPROVEN


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.03])
def test_answers_needed_is_the_least_number_that_proves_the_bound(rate: float) -> None:
    needed = answers_needed(rate, BOUND)
    assert needed is not None
    assert upper_bound(int(np.ceil(rate * needed)), needed, BOUND.confidence) <= BOUND.wrong_share
    assert answers_needed(0.05, BOUND) is None


def test_expected_threshold_is_the_lowest_where_the_mean_is_good_enough() -> None:
    probabilities = np.array([0.99] * 90 + [0.7] * 10 + [0.2] * 100, dtype=np.float32)
    assert expected_threshold(probabilities, 0.05) == pytest.approx(0.4, abs=0.31)
    assert expected_threshold(probabilities, 0.005) is None

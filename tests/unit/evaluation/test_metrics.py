from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from evaluation.metrics import (
    area_under_risk_coverage,
    binary_f1,
    brier_score,
    coverage_at_precision,
    expected_calibration_error,
    macro_f1,
    reliability,
    risk_coverage,
    share,
)

CONFIDENCE = np.array([0.9, 0.8, 0.7, 0.6])
RIGHT = np.array([True, True, False, True])


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (58, 61)])
def test_share_interval_equals_clopper_and_pearson(successes: int, trials: int) -> None:
    expected = binomtest(successes, trials).proportion_ci(0.95, method="exact")
    found = share(successes, trials)
    assert (found.value, found.low, found.high) == pytest.approx(
        (successes / trials, expected.low, expected.high)
    )


def test_share_without_a_trial_is_unknown() -> None:
    found = share(0, 0)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.0, 1.0)


def test_macro_f1_random_labels_equals_scikit_learn() -> None:
    random = np.random.default_rng(0)
    truth, predicted = random.choice(list("abcd"), 200), random.choice(list("abcd"), 200)
    assert macro_f1(truth, predicted) == pytest.approx(f1_score(truth, predicted, average="macro"))


def test_macro_f1_class_that_never_occurs_only_costs_those_it_was_said_of() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "x", "b"]) == pytest.approx((2 / 3 + 1) / 2)


def test_macro_f1_class_that_is_never_found_counts_as_zero() -> None:
    assert macro_f1(["支払い", "配送"], ["支払い", "支払い"]) == pytest.approx((2 / 3 + 0) / 2)


def test_binary_f1_random_labels_equals_scikit_learn() -> None:
    random = np.random.default_rng(1)
    truth, predicted = random.random(100) < 0.3, random.random(100) < 0.4
    assert binary_f1(truth.tolist(), predicted.tolist()) == pytest.approx(f1_score(truth, predicted))


def test_binary_f1_nothing_positive_is_zero() -> None:
    assert binary_f1([False, False], [False, False]) == 0.0


def test_expected_calibration_error_hand_computed_bins() -> None:
    expected = (2 * abs(0.65 - 0.5) + 2 * abs(0.85 - 1.0)) / 4
    assert expected_calibration_error(CONFIDENCE, RIGHT, bins=2) == pytest.approx(expected)


def test_expected_calibration_error_honest_probabilities_is_small() -> None:
    random = np.random.default_rng(2)
    confidence = random.random(20_000)
    right = random.random(20_000) < confidence
    assert expected_calibration_error(confidence, right) < 0.02
    assert expected_calibration_error(np.minimum(1, confidence + 0.2), right) > 0.15


def test_expected_calibration_error_fewer_rows_than_bins_is_defined() -> None:
    assert expected_calibration_error(np.array([0.75]), np.array([True]), bins=10) == pytest.approx(0.25)


def test_reliability_hand_computed_bins_lowest_first() -> None:
    assert reliability(CONFIDENCE, RIGHT, bins=2) == [
        (pytest.approx(0.65), 0.5, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]


def test_brier_score_hand_computed() -> None:
    assert brier_score(CONFIDENCE, RIGHT) == pytest.approx((0.01 + 0.04 + 0.49 + 0.16) / 4)


def test_risk_coverage_hand_computed_and_in_any_order() -> None:
    order = np.array([2, 0, 3, 1])
    coverage, risk = risk_coverage(CONFIDENCE[order], RIGHT[order])
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(risk, [0, 0, 1 / 3, 1 / 4])
    assert area_under_risk_coverage(CONFIDENCE, RIGHT) == pytest.approx((1 / 3 + 1 / 4) / 4)


@pytest.mark.parametrize(("precision", "coverage"), [(0.95, 0.5), (0.75, 1.0), (0.7, 1.0)])
def test_coverage_at_precision_is_the_largest_that_holds(precision: float, coverage: float) -> None:
    assert coverage_at_precision(CONFIDENCE, RIGHT, precision) == pytest.approx(coverage)


def test_coverage_at_precision_always_wrong_is_zero() -> None:
    assert coverage_at_precision(CONFIDENCE, np.zeros(4, dtype=bool)) == 0.0

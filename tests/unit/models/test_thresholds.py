from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from models.thresholds import Bound, upper_bound


@pytest.mark.parametrize("wrong", [0, 1, 3, 10])
@pytest.mark.parametrize("accepted", [20, 59, 60, 200, 1000])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_upper_bound_equals_clopper_and_pearson(wrong: int, accepted: int, confidence: float) -> None:
    exact = binomtest(wrong, accepted, alternative="less").proportion_ci(confidence, method="exact").high
    assert upper_bound(wrong, accepted, confidence) == pytest.approx(exact)


def test_upper_bound_known_table() -> None:
    assert upper_bound(0, 59, 0.95) <= 0.05 < upper_bound(0, 58, 0.95)
    assert upper_bound(1, 93, 0.95) <= 0.05 < upper_bound(1, 92, 0.95)


def test_upper_bound_without_a_trial_or_without_a_success_is_one() -> None:
    assert upper_bound(0, 0, 0.95) == upper_bound(7, 7, 0.95) == 1.0


def test_upper_bound_grows_with_errors_and_falls_with_trials() -> None:
    by_wrong = [upper_bound(wrong, 200, 0.95) for wrong in range(50)]
    by_trials = [upper_bound(2, trials, 0.95) for trials in range(10, 500, 10)]
    assert by_wrong == sorted(by_wrong)
    assert by_trials == sorted(by_trials, reverse=True)


@pytest.mark.parametrize("bound", [Bound(), Bound(0.1, 0.9), Bound(0.02, 0.99)])
def test_holds_says_the_same_as_the_upper_bound(bound: Bound) -> None:
    accepted, wrong = np.meshgrid(np.arange(300), np.arange(20))
    limits = np.vectorize(upper_bound)(wrong, accepted, bound.confidence)
    np.testing.assert_array_equal(bound.holds(wrong, accepted), limits <= bound.wrong_share)

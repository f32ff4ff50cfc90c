from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from models.thresholds import Bound, Threshold, choose_threshold, choose_thresholds, upper_bound

BOUND = Bound()
DRAWS = 300
MOST_BROKEN = DRAWS * 0.05 + 3 * (DRAWS * 0.05 * 0.95) ** 0.5
"""Promises that may be broken among the draws; three standard deviations of the count are allowed for luck."""
Draw = tuple[NDArray[np.float64], NDArray[np.bool_]]


def calibrated(size: int, seed: int) -> Draw:
    """Probabilities that mean what they say, most of them high."""
    random = np.random.default_rng(seed)
    probabilities = random.beta(10, 0.35, size)
    return probabilities, random.random(size) < probabilities


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


def test_choose_threshold_always_right_answers_give_a_low_one() -> None:
    probabilities = np.linspace(0.5, 1, 400)
    chosen = choose_threshold("returns", probabilities, np.ones(400, dtype=bool), BOUND)
    assert chosen.value is not None
    assert chosen.value < 0.6
    assert (chosen.wrong, chosen.pooled, chosen.labels_needed) == (0, False, None)


def test_choose_threshold_evidence_is_what_stands_above_the_threshold() -> None:
    probabilities, right = calibrated(1_000, 0)
    chosen = choose_threshold("billing", probabilities, right, BOUND)
    assert chosen.value is not None
    above = probabilities >= chosen.value
    assert (chosen.accepted, chosen.wrong) == (int(above.sum()), int((above & ~right).sum()))
    assert chosen.upper_bound <= BOUND.wrong_share
    assert chosen.upper_bound >= upper_bound(chosen.wrong, chosen.accepted, BOUND.confidence) - 1e-12


def test_choose_threshold_order_of_the_labels_does_not_matter() -> None:
    probabilities, right = calibrated(600, 4)
    order = np.random.default_rng(1).permutation(600)
    assert choose_threshold("a", probabilities, right, BOUND) == choose_threshold(
        "a", probabilities[order], right[order], BOUND
    )


def test_choose_threshold_looser_bound_never_answers_less() -> None:
    for seed in range(20):
        probabilities, right = calibrated(800, seed)
        chosen = [
            choose_threshold("a", probabilities, right, Bound(share)) for share in (0.02, 0.05, 0.1, 0.2)
        ]
        values = [np.inf if found.value is None else found.value for found in chosen]
        assert values == sorted(values, reverse=True)


def test_choose_threshold_answer_that_turns_right_never_forbids_more() -> None:
    for seed in range(20):
        probabilities, right = calibrated(500, seed)
        before = choose_threshold("a", probabilities, right, BOUND)
        better = right.copy()
        better[np.flatnonzero(~right)[::2]] = True
        after = choose_threshold("a", probabilities, better, BOUND)
        assert before.value is None or (after.value is not None and after.value <= before.value)


@pytest.mark.parametrize("size", [0, 1, 30, 58])
def test_choose_threshold_too_few_labels_is_never_and_says_how_many_more(size: int) -> None:
    chosen = choose_threshold("complaint", np.full(size, 0.99), np.ones(size, dtype=bool), BOUND)
    assert chosen.value is None
    assert chosen.labels_needed is not None
    enough = size + chosen.labels_needed
    passes = choose_threshold("complaint", np.full(enough, 0.99), np.ones(enough, dtype=bool), BOUND)
    fails = choose_threshold("complaint", np.full(enough - 1, 0.99), np.ones(enough - 1, dtype=bool), BOUND)
    assert passes.value is not None
    assert fails.value is None


def test_choose_threshold_bad_scorer_is_never_and_more_labels_would_not_help() -> None:
    random = np.random.default_rng(0)
    chosen = choose_threshold("other", random.random(2_000), random.random(2_000) < 0.5, BOUND)
    assert (chosen.value, chosen.labels_needed) == (None, None)


def test_choose_threshold_all_tied_answers_stand_or_fall_together() -> None:
    right = np.ones(200, dtype=bool)
    right[:40] = False
    assert choose_threshold("a", np.full(200, 0.9), right, BOUND).value is None


def test_choose_thresholds_large_categories_stand_alone() -> None:
    probabilities, right = calibrated(3_000, 2)
    names = ["technical", "billing", "account"] * 1_000
    chosen = choose_thresholds(names, probabilities, right, BOUND)
    assert set(chosen) == {"technical", "billing", "account"}
    for name, threshold in chosen.items():
        rows = np.array(names) == name
        assert threshold == choose_threshold(name, probabilities[rows], right[rows], BOUND)


def test_choose_thresholds_small_categories_share_one() -> None:
    names = ["complaint"] * 45 + ["feature_request"] * 45 + ["other"] * 45 + ["billing"] * 400
    probabilities = np.full(len(names), 0.95)
    chosen = choose_thresholds(names, probabilities, np.ones(len(names), dtype=bool), BOUND)
    small = [chosen[name] for name in ("complaint", "feature_request", "other")]
    assert not chosen["billing"].pooled
    assert all(threshold.pooled and threshold.value is not None for threshold in small)
    assert {(threshold.value, threshold.accepted) for threshold in small} == {(small[0].value, 135)}
    assert [threshold.category for threshold in small] == ["complaint", "feature_request", "other"]


def test_choose_thresholds_small_categories_that_fail_together_stay_never() -> None:
    names = ["complaint"] * 20 + ["other"] * 20
    chosen = choose_thresholds(names, np.full(40, 0.95), np.ones(40, dtype=bool), BOUND)
    assert {threshold.value for threshold in chosen.values()} == {None}
    assert not any(threshold.pooled for threshold in chosen.values())


def test_choose_thresholds_one_small_category_is_not_pooled_with_itself() -> None:
    chosen = choose_thresholds(["other"] * 30, np.full(30, 0.95), np.ones(30, dtype=bool), BOUND)
    assert chosen == {"other": chosen["other"]}
    assert chosen["other"].value is None


def test_choose_thresholds_no_label_gives_no_threshold() -> None:
    assert choose_thresholds([], np.zeros(0), np.zeros(0, dtype=bool), BOUND) == {}


@pytest.mark.parametrize(("size", "badness"), [(150, 1.0), (400, 1.0), (400, 1.4), (1_500, 1.6)])
def test_choose_threshold_drawn_calibration_sets_keep_the_promise(size: int, badness: float) -> None:
    """Over many calibration sets, the true wrong share above the threshold is beyond the bound in 5 % at most."""
    random = np.random.default_rng(7)
    population = random.beta(10, 0.35, 200_000)
    wrong = np.minimum(1, (1 - population) * badness)  # above 1 the scorer is too sure of itself
    chosen = []
    for _ in range(DRAWS):
        rows = random.integers(0, len(population), size)
        right = random.random(size) >= wrong[rows]
        chosen.append(choose_threshold("a", population[rows], right, BOUND))
    assert sum(found.value is not None for found in chosen) >= DRAWS / 5  # the promise is not kept by silence
    assert sum(breaks(found, population, wrong) for found in chosen) <= MOST_BROKEN


def test_choose_thresholds_drawn_calibration_sets_keep_the_pooled_promise() -> None:
    """The small categories together keep the promise that their shared threshold makes."""
    random = np.random.default_rng(11)
    population = random.beta(10, 0.35, 100_000)
    wrong = np.minimum(1, (1 - population) * 1.2)
    names = np.array(["a", "b", "c", "d"])[random.integers(0, 4, len(population))]
    shared = broken = 0
    for _ in range(DRAWS):
        rows = random.integers(0, len(population), 320)
        right = random.random(len(rows)) >= wrong[rows]
        chosen = choose_thresholds(names[rows].tolist(), population[rows], right, BOUND)
        pooled = [name for name, threshold in chosen.items() if threshold.pooled]
        members = np.isin(names, pooled)
        shared += bool(pooled)
        broken += bool(pooled) and breaks(chosen[pooled[0]], population[members], wrong[members])
    assert shared >= DRAWS / 5
    assert broken <= MOST_BROKEN


def breaks(chosen: Threshold, population: NDArray[np.float64], wrong: NDArray[np.float64]) -> bool:
    """Whether the true wrong share above the threshold is beyond the bound."""
    if chosen.value is None:
        return False
    return bool(wrong[population >= chosen.value].mean() > BOUND.wrong_share)

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models.threshold_choice import (
    ALONE,
    GRID,
    START,
    JudgedTickets,
    Walk,
    certify,
    choose_thresholds,
    plan_walk,
)
from models.thresholds import Bound, upper_bound

BOUND = Bound()
SHARE = 0.75


def tickets(
    categories: Sequence[str], probabilities: NDArray[np.float64], right: NDArray[np.bool_]
) -> JudgedTickets:
    return JudgedTickets(np.array(categories, dtype=np.str_), probabilities, right)


def calibrated(size: int, seed: int, categories: Sequence[str] = ("billing",)) -> JudgedTickets:
    """Probabilities that mean what they say, most of them high."""
    random = np.random.default_rng(seed)
    probabilities = random.beta(10, 0.35, size)
    names = np.resize(np.array(categories), size)
    return JudgedTickets(names, probabilities, random.random(size) < probabilities)


def certain(category: str, size: int, wrong: int = 0) -> JudgedTickets:
    return tickets([category] * size, np.full(size, 0.95), np.arange(size) >= wrong)


def join(*parts: JudgedTickets) -> JudgedTickets:
    return JudgedTickets(
        np.concatenate([part.categories for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.right for part in parts]),
    )


NOTHING = tickets([], np.zeros(0), np.zeros(0, dtype=np.bool_))


def test_certify_walk_ends_at_the_last_threshold_whose_bound_holds() -> None:
    found = calibrated(1_000, 0)
    chosen = certify("billing", Walk(0.95), found, SHARE, BOUND)
    bounds = []
    for value in GRID[GRID.index(0.95) :]:
        above = found.probabilities >= value
        wrong = int((above & ~found.right).sum())
        bounds.append((value, upper_bound(wrong, int(above.sum()), BOUND.confidence)))
    failed = next((i for i, (_, limit) in enumerate(bounds) if limit > BOUND.wrong_share), len(bounds))
    assert chosen.value == bounds[failed - 1][0]
    assert chosen.upper_bound == pytest.approx(bounds[failed - 1][1])
    above = found.probabilities >= chosen.value
    assert (chosen.accepted, chosen.wrong) == (int(above.sum()), int((above & ~found.right).sum()))


def test_certify_threshold_that_would_pass_again_below_a_failure_is_not_reached() -> None:
    """Ten mistakes at 0.85 end the walk, although at 0.45 the many right answers would outweigh them."""
    found = join(
        tickets(["a"] * 200, np.full(200, 0.9), np.ones(200, dtype=np.bool_)),
        tickets(["a"] * 10, np.full(10, 0.85), np.zeros(10, dtype=np.bool_)),
        tickets(["a"] * 800, np.full(800, 0.45), np.ones(800, dtype=np.bool_)),
    )
    assert certify("a", Walk(0.9), found, SHARE, BOUND).value == 0.86
    assert certify("a", Walk(0.45), found, SHARE, BOUND).value == 0.4


def test_certify_order_of_the_tickets_does_not_matter() -> None:
    found = calibrated(600, 4)
    mixed = found.take(np.random.default_rng(1).permutation(600))
    assert certify("a", Walk(), found, SHARE, BOUND) == certify("a", Walk(), mixed, SHARE, BOUND)


def test_certify_looser_bound_never_answers_less() -> None:
    for seed in range(20):
        found = calibrated(800, seed)
        chosen = [certify("a", Walk(), found, SHARE, Bound(share)) for share in (0.02, 0.05, 0.1, 0.2)]
        values = [np.inf if threshold.value is None else threshold.value for threshold in chosen]
        assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("size", [0, 1, 30, 58])
def test_certify_too_few_labels_is_never_and_says_how_many_more(size: int) -> None:
    chosen = certify("complaint", Walk(), certain("complaint", size), 1.0, BOUND)
    assert chosen.value is None
    assert chosen.labels_needed is not None
    enough = size + chosen.labels_needed
    assert certify("complaint", Walk(), certain("complaint", enough), 1.0, BOUND).value is not None
    assert certify("complaint", Walk(), certain("complaint", enough - 1), 1.0, BOUND).value is None


def test_certify_labels_needed_count_those_that_tune_and_those_that_are_not_answered() -> None:
    """Half of the tickets reach the threshold and half of all labels certify: four labels for each answer."""
    found = join(certain("a", 30), tickets(["a"] * 30, np.full(30, 0.1), np.zeros(30, dtype=np.bool_)))
    assert certify("a", Walk(), found, 0.5, BOUND).labels_needed == 4 * (59 - 30)


def test_certify_bad_scorer_is_never_and_more_labels_would_not_help() -> None:
    random = np.random.default_rng(0)
    found = tickets(["other"] * 2_000, random.random(2_000), random.random(2_000) < 0.5)
    chosen = certify("other", Walk(), found, SHARE, BOUND)
    assert (chosen.value, chosen.labels_needed) == (None, None)


def test_certify_all_tied_answers_stand_or_fall_together() -> None:
    assert certify("a", Walk(), certain("a", 200, wrong=40), SHARE, BOUND).value is None
    assert certify("a", Walk(), certain("a", 200, wrong=2), SHARE, BOUND).value == GRID[-1]


def test_plan_walk_starts_where_most_certifying_tickets_will_pass() -> None:
    """Mistakes begin under 0.8; above 0.97 there are too few tickets to prove anything."""
    random = np.random.default_rng(3)
    probabilities = random.uniform(0.4, 1.0, 600)
    walk = plan_walk(tickets(["a"] * 600, probabilities, probabilities > 0.8), 0.5, BOUND)
    assert 0.8 <= walk.start <= 0.9
    assert walk.chance > 0.5


def test_plan_walk_more_certifying_tickets_raise_the_chance() -> None:
    tuning = calibrated(150, 8)
    chances = [plan_walk(tuning, share, BOUND).chance for share in (0.2, 0.5, 0.8, 0.95)]
    assert chances == sorted(chances)
    assert chances[0] < 0.2 < 0.9 < chances[-1]


def test_plan_walk_without_tuning_tickets_starts_at_the_default() -> None:
    assert plan_walk(NOTHING, SHARE, BOUND) == Walk(START, 0.0)


def test_choose_thresholds_large_categories_stand_alone() -> None:
    names = ("technical", "billing", "account")
    tuning, certifying = calibrated(1_500, 2, names), calibrated(6_000, 3, names)
    chosen = choose_thresholds(tuning, certifying, BOUND)
    assert list(chosen) == sorted(names)
    for name, threshold in chosen.items():
        walk = plan_walk(tuning.of({name}), 0.8, BOUND)
        assert walk.chance >= ALONE
        assert threshold == certify(name, walk, certifying.of({name}), 0.8, BOUND)


def test_choose_thresholds_small_categories_share_one() -> None:
    small = ("complaint", "feature_request", "other")
    tuning = join(*(certain(name, 15) for name in small), certain("billing", 130))
    certifying = join(*(certain(name, 45) for name in small), certain("billing", 400))
    chosen = choose_thresholds(tuning, certifying, BOUND)
    assert not chosen["billing"].pooled
    assert all(chosen[name].pooled and chosen[name].value is not None for name in small)
    assert {(chosen[name].value, chosen[name].accepted) for name in small} == {(GRID[-1], 135)}
    assert [chosen[name].category for name in small] == list(small)


def test_choose_thresholds_certifying_tickets_never_decide_who_shares() -> None:
    """A category that tuning tickets call good enough stands alone, and is never answered where it fails."""
    tuning = join(
        certain("billing", 200), certain("account", 200), certain("other", 20), certain("returns", 20)
    )
    good = join(certain("account", 300), certain("other", 60), certain("returns", 60))
    for wrong in (0, 100):
        chosen = choose_thresholds(tuning, join(good, certain("billing", 300, wrong=wrong)), BOUND)
        assert {name for name, threshold in chosen.items() if threshold.pooled} == {"other", "returns"}
        assert (chosen["billing"].value is None) == bool(wrong)
        assert chosen["other"].accepted == 120


def test_choose_thresholds_small_categories_that_fail_together_stay_never_and_need_labels_together() -> None:
    tuning = join(certain("complaint", 5), certain("other", 5))
    certifying = join(certain("complaint", 20), certain("other", 20))
    chosen = choose_thresholds(tuning, certifying, BOUND)
    assert {threshold.value for threshold in chosen.values()} == {None}
    assert all(threshold.pooled for threshold in chosen.values())
    assert {threshold.labels_needed for threshold in chosen.values()} == {
        24
    }  # 19 more answers at four in five


def test_choose_thresholds_one_small_category_is_not_pooled_with_itself() -> None:
    chosen = choose_thresholds(certain("other", 10), certain("other", 30), BOUND)
    assert (chosen["other"].value, chosen["other"].pooled) == (None, False)


def test_choose_thresholds_category_that_only_certifying_tickets_have_shares() -> None:
    chosen = choose_thresholds(certain("other", 10), join(certain("other", 40), certain("new", 40)), BOUND)
    assert chosen["new"].pooled
    assert chosen["new"].value == chosen["other"].value == GRID[-1]


def test_choose_thresholds_no_ticket_gives_no_threshold() -> None:
    assert choose_thresholds(NOTHING, NOTHING, BOUND) == {}

"""The promise of the thresholds, drawn again and again; and that this test would notice a broken one."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.populations import Population, known_populations
from evaluation.promise import Outcome, Promised, apply_to_population, resample, simulate, sum_up
from models.threshold_choice import GRID, JudgedTickets, Walk, certify, choose_thresholds
from models.thresholds import POOLED, Bound, Threshold

BOUND = Bound()
DRAWS = 300
MOST_BROKEN = DRAWS * 0.05 + 3 * (DRAWS * 0.05 * 0.95) ** 0.5
"""Promises that may be broken among the draws; three standard deviations of the count are allowed for luck."""
POPULATIONS = {population.name: population for population in known_populations(BOUND.wrong_share)}


def lowest_that_passes(_: JudgedTickets, certifying: JudgedTickets, bound: Bound) -> dict[str, Threshold]:
    """A broken rule: of all thresholds whose bound holds it takes the lowest, and pays nothing for the choice."""
    chosen = {}
    for name in np.unique(certifying.categories).tolist():
        own = certifying.of({name})
        walks = [certify(name, Walk(value), own, 1.0, bound) for value in GRID]
        passed = [found for found in walks if found.value is not None]
        chosen[name] = min(passed, key=lambda found: found.value or 0.0) if passed else walks[0]
    return chosen


def certified_on_what_was_fitted(
    tuning: JudgedTickets, _: JudgedTickets, bound: Bound
) -> dict[str, Threshold]:
    """A broken rule: it certifies with the tickets that it tunes with."""
    return choose_thresholds(tuning, tuning, bound)


@pytest.mark.parametrize("name", POPULATIONS)
def test_choose_thresholds_drawn_labelled_sets_keep_every_promise(name: str) -> None:
    found = simulate(POPULATIONS[name], BOUND, DRAWS)
    assert max(found.broken.values(), default=0) <= MOST_BROKEN
    if name != "at the bound":
        assert found.answered > 0.25  # the promise is not kept by silence
        assert found.right > 1 - BOUND.wrong_share
        assert found.broken_overall <= MOST_BROKEN


def test_simulate_small_labelled_sets_keep_every_promise() -> None:
    found = simulate(POPULATIONS["small"], BOUND, DRAWS, sizes=(200, 600))
    assert max(found.broken.values(), default=0) <= MOST_BROKEN
    assert found.answered > 0.25


def test_simulate_best_of_the_grid_without_correction_is_found_out() -> None:
    found = simulate(POPULATIONS["at the bound"], BOUND, DRAWS, lowest_that_passes)
    assert max(found.broken.values()) > MOST_BROKEN


def test_simulate_certifying_with_fitted_tickets_is_found_out() -> None:
    found = simulate(POPULATIONS["misleading"], BOUND, DRAWS, certified_on_what_was_fitted)
    assert max(found.broken.values()) > MOST_BROKEN


def test_simulate_same_seed_gives_the_same_figures() -> None:
    population = POPULATIONS["calibrated"]
    assert simulate(population, BOUND, 5) == simulate(population, BOUND, 5)
    assert simulate(population, BOUND, 5) != simulate(population, BOUND, 5, seed=14)


def test_apply_to_population_pooled_categories_are_one_promise() -> None:
    population = Population(
        "hand made",
        "",
        np.array(["billing", "returns", "other", "other"]),
        np.array([0.9, 0.9, 0.9, 0.5]),
        np.array([0.01, 0.12, 0.02, 0.9]),
    )
    thresholds = {
        "billing": Threshold("billing", 0.8, 100, 1, 0.04),
        "returns": Threshold("returns", 0.8, 100, 1, 0.04, pooled=True),
        "other": Threshold("other", 0.8, 100, 1, 0.04, pooled=True),
    }
    found = apply_to_population(thresholds, population)
    assert found.answered == {"billing": 0.25, POOLED: 0.5}
    assert found.wrong == pytest.approx({"billing": 0.0025, POOLED: 0.035})
    assert found.broken(BOUND) == {POOLED}
    assert found.broken(Bound(0.08)) == set()


def test_sum_up_counts_each_promise_and_all_answers_together() -> None:
    kept = Outcome({"billing": 0.5, "returns": 0.1}, {"billing": 0.01, "returns": 0.001})
    one = Outcome({"billing": 0.5, "returns": 0.1}, {"billing": 0.01, "returns": 0.01})
    silent = Outcome({}, {})
    found = sum_up([kept, one, silent, kept], BOUND)
    assert found.broken == {"returns": 1}
    assert (found.broken_overall, found.draws) == (0, 4)
    assert found.answered == pytest.approx(0.45)
    assert found.kept.value == 0.75
    assert found.right == pytest.approx(1 - np.mean([0.011, 0.02, 0.011]) / 0.6)


def test_sum_up_never_an_answer_keeps_the_promise_and_has_no_precision() -> None:
    found = sum_up([Outcome({}, {})] * 3, BOUND)
    assert isinstance(found, Promised)
    assert (found.answered, found.kept.value, found.broken_overall) == (0.0, 1.0, 0)
    assert np.isnan(found.right)


def test_resample_halves_choose_and_check() -> None:
    random = np.random.default_rng(0)
    population = POPULATIONS["calibrated"]
    found = resample(population.draw(500, random), population.draw(3_000, random), BOUND, 20)
    assert found.draws == 20
    assert 0.2 < found.answered < 0.7
    assert found.right > 0.93

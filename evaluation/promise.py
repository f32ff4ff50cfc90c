"""Whether thresholds keep their promise: over many labelled sets, drawn from populations whose truth is known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Interval, share
from evaluation.populations import Population
from models.threshold_choice import JudgedTickets, choose_thresholds
from models.thresholds import POOLED, Bound, Threshold

DRAWS = 500
TUNING, CERTIFYING = 900, 2_700
"""Labelled tickets of one draw; about as many as the shipped calibration split has."""

Rule = Callable[[JudgedTickets, JudgedTickets, Bound], dict[str, Threshold]]
"""Chooses thresholds with tuning and certifying tickets."""


@dataclass(frozen=True)
class Promised:
    """What became of the promises of a rule.

    Attributes:
        draws: labelled sets drawn.
        broken: of each promise (a category's, or that of those that share), the draws in which it was broken.
        broken_overall: draws in which the bound was broken for all answers together.
        answered: mean share of all tickets that is answered.
        right: mean share of answers that is right.
    """

    draws: int
    broken: Mapping[str, int]
    broken_overall: int
    answered: float
    right: float

    @property
    def kept(self) -> Interval:
        """Share of draws in which the promise that was broken most often held, with its exact 95 % interval."""
        return share(self.draws - max(self.broken.values(), default=0), self.draws)


@dataclass(frozen=True)
class Outcome:
    """Answers at some thresholds: how much of all tickets is answered and wrong, by promise.

    Attributes:
        answered: share of all tickets that each promise answers; `wrong` share of all tickets that it gets wrong.
    """

    answered: Mapping[str, float]
    wrong: Mapping[str, float]

    def broken(self, bound: Bound) -> set[str]:
        """Returns the promises that do not hold here."""
        return {name for name, part in self.answered.items() if self.wrong[name] > bound.wrong_share * part}

    @property
    def total(self) -> tuple[float, float]:
        """Shares of all tickets that are answered, and answered wrongly."""
        return sum(self.answered.values()), sum(self.wrong.values())


def simulate(
    population: Population,
    bound: Bound,
    draws: int = DRAWS,
    rule: Rule = choose_thresholds,
    seed: int = 13,
    sizes: tuple[int, int] = (TUNING, CERTIFYING),
) -> Promised:
    """Returns what becomes of the promises when labelled tickets are drawn from `population` again and again.

    Args:
        population: its error rates are known, so a promise is kept or broken without doubt.
        bound: what is promised.
        draws: how many labelled sets.
        rule: chooses the thresholds.
        seed: of the draws.
        sizes: of the tuning and the certifying set.
    """
    random = np.random.default_rng(seed)
    outcomes = []
    for _ in range(draws):
        tuning = population.draw(sizes[0], random, population.tuning_luck)
        certifying = population.draw(sizes[1], random)
        outcomes.append(apply_to_population(rule(tuning, certifying, bound), population))
    return sum_up(outcomes, bound)


def resample(
    tuning: JudgedTickets,
    certifying: JudgedTickets,
    bound: Bound,
    draws: int = DRAWS,
    rule: Rule = choose_thresholds,
    seed: int = 13,
) -> Promised:
    """Returns what becomes of the promises when one half of real tickets certifies and the other half checks.

    The checking half is small, so chance alone breaks some promises that hold; of thresholds near the bound, many.
    """
    random = np.random.default_rng(seed)
    outcomes = []
    for _ in range(draws):
        order = random.permutation(len(certifying))
        chosen, checked = np.array_split(order, 2)
        thresholds = rule(tuning, certifying.take(chosen), bound)
        outcomes.append(apply_to_tickets(thresholds, certifying.take(checked)))
    return sum_up(outcomes, bound)


def apply_to_population(thresholds: Mapping[str, Threshold], population: Population) -> Outcome:
    """Returns what these thresholds do to everything that could come in."""
    everything = JudgedTickets(population.categories, population.probabilities, population.wrong < 0)
    return _apply(thresholds, everything, population.wrong)


def apply_to_tickets(thresholds: Mapping[str, Threshold], tickets: JudgedTickets) -> Outcome:
    """Returns what these thresholds do to tickets whose right answer is known."""
    return _apply(thresholds, tickets, (~tickets.right).astype(np.float64))


def _apply(
    thresholds: Mapping[str, Threshold], tickets: JudgedTickets, wrong: NDArray[np.float64]
) -> Outcome:
    answered: dict[str, float] = defaultdict(float)
    mistakes: dict[str, float] = defaultdict(float)
    for category, threshold in thresholds.items():
        if threshold.value is None:
            continue
        rows = (tickets.categories == category) & (tickets.probabilities >= threshold.value)
        promise = POOLED if threshold.pooled else category
        answered[promise] += float(rows.sum()) / len(tickets)
        mistakes[promise] += float(wrong[rows].sum()) / len(tickets)
    return Outcome(answered, mistakes)


def sum_up(outcomes: Sequence[Outcome], bound: Bound) -> Promised:
    """Returns the figures over all draws."""
    broken = Counter(name for outcome in outcomes for name in outcome.broken(bound))
    totals = np.array([outcome.total for outcome in outcomes])
    answering = totals[totals[:, 0] > 0]
    overall = int(np.sum(answering[:, 1] > bound.wrong_share * answering[:, 0]))
    return Promised(
        draws=len(outcomes),
        broken=dict(broken),
        broken_overall=overall,
        answered=float(totals[:, 0].mean()),
        right=float(1 - np.mean(answering[:, 1] / answering[:, 0])) if len(answering) else float("nan"),
    )

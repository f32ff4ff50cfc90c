"""Chooses thresholds with labelled tickets of two kinds: some say where to look, the others prove it.

Tuning tickets decide everything that is a choice: which categories can stand alone and which share a threshold,
and at which threshold each search begins. Certifying tickets, which nothing was fitted or chosen on, are then
tested along one walk down a fixed grid that stops at the first failure (fixed-sequence testing; Angelopoulos et
al. 2021, "Learn then Test"). Which walk it is was settled without them and a walk needs no correction for its
length, so each category, and the pool, has the whole confidence of the bound.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrik

from models.thresholds import POOLED, Bound, Threshold, upper_bound

GRID = tuple(round(0.99 - 0.01 * step, 2) for step in range(60))
"""Thresholds that can be chosen: 0.99, 0.98, … 0.40."""
START = 0.9
"""Where a walk begins that tuning tickets say nothing about."""
ALONE = 0.95
"""A category stands alone where tuning tickets give its walk at least this chance to pass its first test."""
PRIOR_ROWS = 50
"""As many observed tickets the stated probabilities count for, when an error rate is foreseen."""


@dataclass(frozen=True)
class JudgedTickets:
    """Tickets as they would be answered.

    Attributes:
        categories: as read by the models, ``(n,)``.
        probabilities: that the article is right, ``(n,)``.
        right: whether it is, ``(n,)``.
    """

    categories: NDArray[np.str_]
    probabilities: NDArray[np.float64]
    right: NDArray[np.bool_]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> JudgedTickets:
        """Returns some of the tickets."""
        return JudgedTickets(self.categories[rows], self.probabilities[rows], self.right[rows])

    def of(self, categories: Collection[str]) -> JudgedTickets:
        """Returns the tickets of these categories."""
        rows = np.zeros(len(self), dtype=np.bool_)
        for name in categories:
            rows |= self.categories == name
        return self.take(rows)

    def __len__(self) -> int:
        return len(self.right)


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the search for a threshold begins.

    Attributes:
        start: a value of `GRID`.
        chance: foreseen, that the first test passes.
    """

    start: float = START
    chance: float = 0.0


def choose_thresholds(tuning: JudgedTickets, certifying: JudgedTickets, bound: Bound) -> dict[str, Threshold]:
    """Returns a threshold for each category that occurs; those that cannot stand alone share one.

    Args:
        tuning: may have had a part in fitting anything.
        certifying: tickets as they will come in, with no part in any fit or choice.
        bound: what is promised of each threshold, see `Threshold`.
    """
    share = len(certifying) / max(1, len(tuning) + len(certifying))
    names = {*tuning.categories.tolist(), *certifying.categories.tolist()}
    walks = {name: plan_walk(tuning.of({name}), share, bound) for name in names}
    alone = {name for name, walk in walks.items() if walk.chance >= ALONE}
    chosen = {name: certify(name, walks[name], certifying.of({name}), share, bound) for name in alone}
    rest = names - alone
    if rest:
        walk = plan_walk(tuning.of(rest), share, bound)
        shared = certify(POOLED, walk, certifying.of(rest), share, bound)
        chosen |= {name: replace(shared, category=name, pooled=len(rest) > 1) for name in rest}
    return dict(sorted(chosen.items()))


def plan_walk(tuning: JudgedTickets, certifying_share: float, bound: Bound) -> Walk:
    """Returns the walk whose first test is likeliest to pass, the one that begins lowest among equals.

    Args:
        tuning: tickets of the categories in question.
        certifying_share: how many of all labelled tickets are kept for certifying.
        bound: that must hold.
    """
    growth = certifying_share / (1 - certifying_share) if certifying_share < 1 else 0.0
    accepted, wrong = _counts(tuning, GRID)
    stated = _suffix_sums(tuning, 1 - tuning.probabilities, GRID)
    rates = (wrong + PRIOR_ROWS * stated / np.maximum(accepted, 1)) / (accepted + PRIOR_ROWS)
    chances = _chances_to_pass(np.rint(accepted * growth).astype(int), rates, bound)
    best = float(chances.max())
    return Walk(GRID[int(np.flatnonzero(chances == best)[-1])], best) if best > 0 else Walk()


def _chances_to_pass(
    accepted: NDArray[np.int64], rates: NDArray[np.float64], bound: Bound
) -> NDArray[np.float64]:
    """Returns the probability that so many answers, wrong at these rates, satisfy the bound."""
    allowed = 1 - bound.confidence
    possible = bdtr(0, accepted, bound.wrong_share) <= allowed
    most_wrong = np.floor(bdtrik(allowed, np.maximum(accepted, 1), bound.wrong_share))
    return np.where(possible, bdtr(most_wrong, accepted, rates), 0.0)


def _counts(tickets: JudgedTickets, values: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns how many tickets reach each value, and how many of those are wrong."""
    reached = _suffix_sums(tickets, np.ones(len(tickets)), values)
    return np.rint(reached).astype(int), np.rint(_suffix_sums(tickets, ~tickets.right, values)).astype(int)


def _suffix_sums(
    tickets: JudgedTickets, amounts: NDArray[Any], values: Sequence[float]
) -> NDArray[np.float64]:
    """Returns the sum of the tickets' amounts at or above each value."""
    order = np.argsort(tickets.probabilities)
    sums = np.append(np.cumsum(amounts[order][::-1])[::-1], 0.0)
    return sums[np.searchsorted(tickets.probabilities[order], values)]


def certify(
    category: str, walk: Walk, certifying: JudgedTickets, certifying_share: float, bound: Bound
) -> Threshold:
    """Returns the last threshold of the walk down `GRID` before the bound fails; never, if it fails at once."""
    values = GRID[GRID.index(walk.start) :]
    accepted, wrong = _counts(certifying, values)
    passed = bound.holds(wrong, accepted)
    steps = len(values) if passed.all() else int(np.argmin(passed))
    last = max(steps - 1, 0)
    count, mistakes = int(accepted[last]), int(wrong[last])
    limit = upper_bound(mistakes, count, bound.confidence)
    if steps:
        return Threshold(category, values[last], count, mistakes, limit)
    missing = _answers_missing(count, mistakes, bound)
    reached = max(count, 1) / max(len(certifying), count, 1)
    labels = None if missing is None else math.ceil(missing / reached / (certifying_share or 1.0))
    return Threshold(category, None, count, mistakes, limit, labels_needed=labels)


def _answers_missing(accepted: int, wrong: int, bound: Bound, most: int = 100_000) -> int | None:
    """Returns how many more answers as good as those seen would do; None where the rate is too high."""
    rate = wrong / accepted if accepted else 0.0
    if rate >= bound.wrong_share:
        return None
    low, high = accepted + 1, most
    while low < high:
        size = (low + high) // 2
        if bound.holds(round(rate * size), size):
            high = size
        else:
            low = size + 1
    return low - accepted if low < most else None

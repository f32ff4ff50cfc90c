"""Whether a label is distributed otherwise in two sets of tickets, and which of its values have moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from evaluation.metrics import Interval, share
from evaluation.multiple_testing import benjamini_hochberg

PERMUTATIONS = 2000


@dataclass(frozen=True, slots=True)
class Move:
    """One value of a label in both sets.

    Attributes:
        difference: of the current share and the reference share, with a 95 % interval.
        p_value: of Fisher's exact test, corrected over the values of the label (Benjamini and Hochberg).
    """

    value: str
    reference: Interval
    current: Interval
    difference: Interval
    p_value: float


@dataclass(frozen=True, slots=True)
class LabelShift:
    """How a label moved.

    Attributes:
        distance: total variation in [0, 1]: the share of tickets that would have to change their label.
        chance: what it is on average when the two sets are mixed and divided again.
        p_value: that of the distance by a permutation test, or of the values together (Simes 1986) if that is
            smaller, twice because there are two: many small moves and a single large one are both found.
        moves: of every value, the largest difference first.
    """

    distance: float
    chance: float
    p_value: float
    moves: tuple[Move, ...]

    @property
    def effect(self) -> float:
        """The distance beyond what chance makes, or the largest move that is none of chance's; in [0, 1]."""
        sure = [abs(move.difference.value) for move in self.moved(0.05)]
        return max(self.distance - self.chance, *sure, 0.0)

    def moved(self, level: float) -> list[Move]:
        """Returns the values that moved, the largest difference first."""
        return [move for move in self.moves if move.p_value < level]


def measure_label_shift(
    reference: Sequence[str], current: Sequence[str], *, permutations: int = PERMUTATIONS, seed: int = 13
) -> LabelShift:
    """Returns how a label with these values in two sets moved; neither may be empty.

    Args:
        reference: one value a ticket.
        current: likewise.
        permutations: how often the two sets are mixed and divided again.
        seed: same values, same numbers.
    """
    names, codes = np.unique(np.array([*reference, *current]), return_inverse=True)
    before = np.bincount(codes[: len(reference)], minlength=len(names))
    after = np.bincount(codes[len(reference) :], minlength=len(names))
    distance = float(_total_variation(before, after))
    random = np.random.default_rng(seed)
    drawn = random.multivariate_hypergeometric(
        before + after, len(reference), size=permutations, method="marginals"
    )
    by_chance = _total_variation(drawn, before + after - drawn)
    of_distance = (1 + int((by_chance >= distance - 1e-12).sum())) / (permutations + 1)
    moves = _moves(names.tolist(), before, after)
    of_values = min(move.p_value for move in moves)
    return LabelShift(distance, float(by_chance.mean()), min(1.0, 2 * min(of_distance, of_values)), moves)


def difference_of_shares(before: Interval, after: Interval) -> Interval:
    """Returns `after` minus `before`, its interval made of theirs (Newcombe 1998, with exact limits)."""
    value = after.value - before.value
    low = value - math.hypot(after.value - after.low, before.high - before.value)
    high = value + math.hypot(after.high - after.value, before.value - before.low)
    return Interval(value, max(-1.0, low), min(1.0, high))


def fisher_p_value(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Returns the two-sided p-value of two shares, each given as (with, all)."""
    table = [[with_it, every - with_it] for with_it, every in (before, after)]
    return float(fisher_exact(table).pvalue)


def _total_variation(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.float64]:
    shares = [counts / counts.sum(axis=-1, keepdims=True) for counts in (before, after)]
    return np.asarray(np.abs(shares[0] - shares[1]).sum(axis=-1) / 2)


def _moves(names: Sequence[str], before: NDArray[np.int64], after: NDArray[np.int64]) -> tuple[Move, ...]:
    totals = int(before.sum()), int(after.sum())
    pairs = list(zip(before.tolist(), after.tolist(), strict=True))
    p_values = benjamini_hochberg([fisher_p_value((a, totals[0]), (b, totals[1])) for a, b in pairs])
    moves = []
    for name, (a, b), p_value in zip(names, pairs, p_values.tolist(), strict=True):
        shares = share(a, totals[0]), share(b, totals[1])
        moves.append(Move(name, *shares, difference_of_shares(*shares), p_value))
    return tuple(sorted(moves, key=lambda move: (-abs(move.difference.value), move.value)))

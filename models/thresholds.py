"""Thresholds that bound the share of wrong automatic answers, with confidence.

Clopper and Pearson 1934 for the bound; fixed-sequence testing (Angelopoulos et al. 2021, "Learn then Test") for
choosing among many thresholds without paying for each: candidates are tried from the strictest down, and the
first that fails ends the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

POOLED = "*"
GRID = tuple(round(0.99 - 0.01 * step, 2) for step in range(60))
"""Thresholds that can be chosen: 0.99, 0.98, … 0.40."""
STARTS = (0.9, 0.8, 0.7)
"""Where walks down the grid begin; a stricter start alone would often stand on too few answers to pass."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What is promised of automatic answers.

    Attributes:
        wrong_share: at most this share of the automatic answers is wrong ...
        confidence: ... with this confidence.
    """

    wrong_share: float = 0.05
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of one category, and the evidence for it.

    Attributes:
        category: the category, or ``*`` for the one that small categories share.
        value: answer iff the probability is at least this; None means never.
        accepted: calibration tickets at or above `value`.
        wrong: of those, the wrong ones.
        upper_bound: Clopper–Pearson bound of the wrong share among the accepted.
        pooled: whether the evidence is shared with other small categories.
        labels_needed: further labelled tickets that would make a threshold feasible at the observed error, or
            None where it is feasible, or where more labels would not help.
    """

    category: str
    value: float | None
    accepted: int
    wrong: int
    upper_bound: float
    pooled: bool = False
    labels_needed: int | None = None


def upper_bound(wrong: int, accepted: int, confidence: float) -> float:
    """Returns the one-sided Clopper–Pearson upper bound of an error rate; 1.0 without a trial."""
    if accepted == 0 or wrong >= accepted:
        return 1.0
    return float(betaincinv(wrong + 1, accepted - wrong, confidence))


def choose_threshold(
    category: str, probabilities: NDArray[np.float64], right: NDArray[np.bool_], bound: Bound
) -> Threshold:
    """Returns the lowest threshold of `GRID` whose bound holds.

    From each of `STARTS` the grid is walked down until the bound fails. Grid and starts are fixed beforehand, and
    each walk is given an equal part of the allowed error probability (Bonferroni), so that the confidence holds
    for the threshold that is chosen.
    """
    confidence = 1 - (1 - bound.confidence) / len(STARTS)
    passed = [
        tested
        for start in STARTS
        for tested in _walk(category, start, probabilities, right, bound.wrong_share, confidence)
    ]
    if passed:
        return min(passed, key=lambda threshold: threshold.value or 0.0)
    return _never(category, probabilities, right, replace(bound, confidence=confidence))


def _walk(
    category: str,
    start: float,
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    wrong_share: float,
    confidence: float,
) -> Iterator[Threshold]:
    for value in GRID:
        if value > start:
            continue
        accepted = probabilities >= value
        count, wrong = int(accepted.sum()), int((accepted & ~right).sum())
        limit = upper_bound(wrong, count, confidence)
        if limit > wrong_share:
            return
        yield Threshold(category, value, count, wrong, limit)


def choose_thresholds(
    categories: Sequence[str], probabilities: NDArray[np.float64], right: NDArray[np.bool_], bound: Bound
) -> dict[str, Threshold]:
    """Returns a threshold a category; those that cannot stand alone share a pooled one.

    The pooled promise is about the small categories together, not about each of them.
    """
    names = np.array(categories)
    chosen = {
        str(name): choose_threshold(str(name), probabilities[names == name], right[names == name], bound)
        for name in np.unique(names)
    }
    small = [name for name, threshold in chosen.items() if threshold.value is None]
    if len(small) > 1:
        rows = np.isin(names, small)
        pooled = choose_threshold(POOLED, probabilities[rows], right[rows], bound)
        if pooled.value is not None:
            chosen.update({name: _share(name, pooled) for name in small})
    return chosen


def _never(
    category: str, probabilities: NDArray[np.float64], right: NDArray[np.bool_], bound: Bound
) -> Threshold:
    """Reports the start that came nearest to the bound, and how many more labels like it would do."""
    tried = []
    for start in STARTS:
        accepted = probabilities >= start
        count, wrong = int(accepted.sum()), int((accepted & ~right).sum())
        tried.append((upper_bound(wrong, count, bound.confidence), count, wrong))
    limit, count, wrong = min(tried)
    return Threshold(category, None, count, wrong, limit, labels_needed=_labels_needed(count, wrong, bound))


def _labels_needed(accepted: int, wrong: int, bound: Bound, most: int = 100_000) -> int | None:
    """Returns how many more labels as good as those seen would do; None where the rate is too high."""
    rate = wrong / accepted if accepted else 0.0
    if rate >= bound.wrong_share:
        return None
    low, high = 1, most
    while low < high:
        size = (low + high) // 2
        if upper_bound(round(rate * size), size, bound.confidence) <= bound.wrong_share:
            high = size
        else:
            low = size + 1
    return max(1, low - accepted) if low < most else None


def _share(category: str, pooled: Threshold) -> Threshold:
    return Threshold(category, pooled.value, pooled.accepted, pooled.wrong, pooled.upper_bound, pooled=True)

"""Thresholds that bound the share of wrong automatic answers, with confidence.

Clopper and Pearson 1934 for the bound; fixed-sequence testing (Angelopoulos et al. 2021, "Learn then Test") for
choosing among many thresholds without paying for each: candidates are tried from the strictest down, and the
first that fails ends the search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

POOLED = "*"


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
    return float(beta.ppf(confidence, wrong + 1, accepted - wrong))


def choose_threshold(
    category: str, probabilities: NDArray[np.float64], right: NDArray[np.bool_], bound: Bound
) -> Threshold:
    """Returns the lowest threshold whose bound holds, testing from the strictest down.

    Testing starts where the fewest labels that could ever pass stand above the threshold, so that the order of
    the tests does not depend on which answers were right.
    """
    order = np.argsort(-probabilities, kind="stable")
    wrong_so_far = np.cumsum(~right[order])
    least = fewest_labels(bound)
    best: tuple[float, int, int, float] | None = None
    for accepted in _sizes(probabilities[order], least):
        wrong = int(wrong_so_far[accepted - 1])
        limit = upper_bound(wrong, accepted, bound.confidence)
        if limit > bound.wrong_share:
            break
        best = (float(probabilities[order[accepted - 1]]), accepted, wrong, limit)
    if best is not None:
        return Threshold(category, best[0], best[1], best[2], best[3])
    return _never(category, wrong_so_far, least, bound)


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


def fewest_labels(bound: Bound) -> int:
    """Returns how many answers without an error are needed before the bound can hold (59 at 5 %, 95 %)."""
    return int(np.ceil(np.log(1 - bound.confidence) / np.log(1 - bound.wrong_share)))


def values(thresholds: Mapping[str, Threshold]) -> dict[str, float | None]:
    """Returns just the threshold of each category."""
    return {name: threshold.value for name, threshold in thresholds.items()}


def _sizes(descending: NDArray[np.float64], least: int) -> list[int]:
    """Returns how many tickets stand above each distinct probability, from `least` on."""
    ends = np.flatnonzero(np.diff(descending, append=-np.inf)) + 1
    return [int(end) for end in ends if end >= least]


def _never(category: str, wrong_so_far: NDArray[np.int64], least: int, bound: Bound) -> Threshold:
    accepted = min(least, len(wrong_so_far))
    wrong = int(wrong_so_far[accepted - 1]) if accepted else 0
    limit = upper_bound(wrong, accepted, bound.confidence)
    return Threshold(category, None, accepted, wrong, limit, labels_needed=_labels_needed(accepted, wrong, bound))


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

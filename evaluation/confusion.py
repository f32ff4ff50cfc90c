"""Accuracy, macro-F1 and the figures of each class, all from one confusion matrix, with intervals.

Drawing rows with replacement and counting them is drawing the cells of the matrix from a multinomial, so a thousand
resamples (Efron 1979, percentile method) cost one call. Shares keep their exact interval, which is honest for a
class of five tickets, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import RESAMPLES, SEED
from evaluation.metrics import Interval, share

MOST_CELLS = 20_000_000
"""Of all resamples held at once, to bound the memory."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """What was said of tickets of each class.

    Attributes:
        labels: every class that occurs, in alphabetical order.
        counts: ``(classes, classes)``, rows are true.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """How many tickets."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> Interval:
        """Share of the tickets that are classed right."""
        return share(int(np.trace(self.counts)), self.rows)

    @property
    def macro_f1(self) -> Interval:
        """Mean F1 over the classes that occur in the truth."""
        return _interval(_macro_f1(self.counts[None]), self.resampled_macro_f1)

    @cached_property
    def resampled_macro_f1(self) -> NDArray[np.float64]:
        """``(resamples,)``, for intervals of differences."""
        return np.concatenate([_macro_f1(part) for part in self._resamples()])

    @cached_property
    def resampled_accuracy(self) -> NDArray[np.float64]:
        """``(resamples,)``, for intervals of differences."""
        return np.concatenate(
            [np.trace(part, axis1=1, axis2=2) / max(1, self.rows) for part in self._resamples()]
        )

    def by_class(self) -> dict[str, dict[str, Any]]:
        """Returns ``support``, ``precision``, ``recall`` and ``f1`` of each class that occurs in the truth."""
        resampled = np.concatenate([_f1(part) for part in self._resamples()])
        f1 = _f1(self.counts[None])
        found: dict[str, dict[str, Any]] = {}
        for number, label in enumerate(self.labels):
            support, said = int(self.counts[number].sum()), int(self.counts[:, number].sum())
            hits = int(self.counts[number, number])
            if support:
                found[label] = {
                    "support": support,
                    "precision": share(hits, said),
                    "recall": share(hits, support),
                    "f1": _interval(f1[:, number], resampled[:, number]),
                }
        return found

    def _resamples(self) -> list[NDArray[np.int64]]:
        """Returns the resampled matrices in parts of a bounded size; always the same ones."""
        cells = self.counts.ravel()
        random = np.random.default_rng(SEED)
        part = max(1, MOST_CELLS // max(1, len(cells)))
        sizes = [min(part, RESAMPLES - start) for start in range(0, RESAMPLES, part)]
        shares = cells / max(1, self.rows)
        return [random.multinomial(self.rows, shares, size).reshape(-1, *self.counts.shape) for size in sizes]


def count_confusion(truth: Sequence[str], predicted: Sequence[str]) -> Confusion:
    """Returns the confusion matrix of labels; `predicted` has one for each of `truth`."""
    labels = tuple(sorted({*truth, *predicted}))
    number = {label: i for i, label in enumerate(labels)}
    cells = [number[t] * len(labels) + number[p] for t, p in zip(truth, predicted, strict=True)]
    counts = np.bincount(np.array(cells, dtype=np.int64), minlength=len(labels) ** 2)
    return Confusion(labels, counts.reshape(len(labels), len(labels)).astype(np.int64))


def interval_of_difference(first: NDArray[np.float64], second: NDArray[np.float64], value: float) -> Interval:
    """Returns `value` with the percentile interval of the difference of two figures that were resampled apart.

    The second is shuffled, because every matrix is resampled with the same random numbers.
    """
    return _interval(np.array([value]), first - np.random.default_rng(SEED).permutation(second))


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Returns ``(resamples, classes)``; NaN for a class that occurs neither in the truth nor in what was said."""
    both = np.diagonal(counts, axis1=1, axis2=2)
    either = counts.sum(axis=1) + counts.sum(axis=2)
    return np.where(either > 0, 2 * both / np.maximum(either, 1), np.nan)


def _macro_f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    present = counts.sum(axis=2) > 0
    scores = np.where(present, _f1(counts), 0.0)
    return np.asarray(scores.sum(axis=1) / np.maximum(present.sum(axis=1), 1), dtype=np.float64)


def _interval(value: NDArray[np.float64], resampled: NDArray[np.float64]) -> Interval:
    known = resampled[~np.isnan(resampled)]
    if not len(known):
        return Interval(float(value[0]), 0.0, 1.0)
    low, high = np.quantile(known, [0.025, 0.975])
    return Interval(float(value[0]), float(low), float(high))

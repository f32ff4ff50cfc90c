"""Differences of two models on the same tickets, with paired bootstrap intervals.

Both models are resampled together (Efron and Tibshirani 1993, chapter 16): what makes a ticket hard is hard for both
and cancels, so a small real difference shows. Figures are written as sums over tickets, so that a thousand
resamples are one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Interval

Columns = NDArray[np.float32]
CELLS = 4_000_000
"""Weights held at once: resamples times tickets."""


@dataclass(frozen=True)
class Figure:
    """A figure of some tickets.

    Attributes:
        columns: ``(tickets, k)``, what is added up.
        value: turns ``(resamples, k)`` sums into ``(resamples,)`` figures, NaN where there is none.
    """

    columns: Columns
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]]

    @property
    def whole(self) -> float:
        """The figure of all tickets, each once."""
        return float(self.value(self.columns.sum(axis=0, dtype=np.float64)[None])[0])


@dataclass(frozen=True)
class Difference:
    """A figure of two models on the same tickets.

    Attributes:
        intervals: of `second` − `first`, one a confidence that was asked for.
    """

    first: float
    second: float
    intervals: tuple[Interval, ...]


def rate(hits: NDArray[np.bool_], among: NDArray[np.bool_] | None = None) -> Figure:
    """Returns the share of `hits`, of all tickets or `among` some."""
    counted = np.ones(len(hits), dtype=np.bool_) if among is None else among
    return Figure(np.stack([hits & counted, counted], axis=1).astype(np.float32), _quotient)


def macro_f1(truth: NDArray[np.str_], predicted: NDArray[np.str_]) -> Figure:
    """Returns the mean F1 over the classes that occur in `truth`; in a resample, over those that occur in it."""
    labels = np.unique(truth)[None]
    actual, guess = truth[:, None] == labels, predicted[:, None] == labels
    columns = np.concatenate([actual & guess, actual, guess], axis=1).astype(np.float32)
    return Figure(columns, _mean_f1)


def binary_f1(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Figure:
    """Returns the F1 of the positive class; 0 where nothing is positive."""
    columns = np.stack([truth & predicted, truth, predicted], axis=1).astype(np.float32)
    return Figure(columns, _f1)


def differences(
    first: Sequence[Figure],
    second: Sequence[Figure],
    confidences: Sequence[float],
    *,
    resamples: int,
    seed: int = 13,
) -> list[Difference]:
    """Returns each figure of `second` beside that of `first`; all are of the same tickets, in the same order.

    Args:
        first: figures of one model.
        second: the same figures of another.
        confidences: of the two-sided intervals.
        resamples: how often the tickets are drawn with replacement.
        seed: same tickets and seed, same intervals.
    """
    if not first:
        return []
    drawn: list[list[NDArray[np.float64]]] = [[] for _ in first]
    for weights in _resample(len(first[0].columns), resamples, seed):
        for kept, one, other in zip(drawn, first, second, strict=True):
            kept.append(_apply(other, weights) - _apply(one, weights))
    return [
        Difference(
            one.whole, other.whole, _intervals(np.concatenate(kept), other.whole - one.whole, confidences)
        )
        for kept, one, other in zip(drawn, first, second, strict=True)
    ]


def _resample(tickets: int, resamples: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """Yields ``(some, tickets)``: how often each ticket was drawn."""
    random = np.random.default_rng(seed)
    step = max(1, CELLS // max(tickets, 1))
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        cells = random.integers(0, tickets, (count, tickets)) + np.arange(count)[:, None] * tickets
        yield np.bincount(cells.ravel(), minlength=count * tickets).reshape(count, tickets).astype(np.float32)


def _apply(figure: Figure, weights: NDArray[np.float32]) -> NDArray[np.float64]:
    return figure.value((weights @ figure.columns).astype(np.float64))


def _intervals(
    drawn: NDArray[np.float64], value: float, confidences: Sequence[float]
) -> tuple[Interval, ...]:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return tuple(Interval(value, -1.0, 1.0) for _ in confidences)
    bounds = [np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2]) for confidence in confidences]
    return tuple(Interval(value, float(low), float(high)) for low, high in bounds)


def _quotient(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(sums[:, 1] > 0, sums[:, 0] / np.maximum(sums[:, 1], 1), np.nan)


def _f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * sums[:, 0] / np.maximum(sums[:, 1] + sums[:, 2], 1)


def _mean_f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    both, actual, guess = np.split(sums, 3, axis=1)
    scores = 2 * both / np.maximum(actual + guess, 1)
    occurs = actual > 0
    return np.asarray((scores * occurs).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1), dtype=np.float64)

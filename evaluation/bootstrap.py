"""Confidence intervals by resampling rows (Efron 1979, percentile method)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Interval

RESAMPLES = 1000
SEED = 13

Statistic = Callable[[NDArray[np.intp]], float]
"""A figure of the rows with these numbers; a row may stand among them more than once."""


def bootstrap_interval(
    statistic: Statistic,
    rows: int,
    *,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int = SEED,
) -> Interval:
    """Returns the figure of all rows with its percentile interval; NaN and (0, 1) without a row.

    Args:
        statistic: computed on row numbers; resamples where it is NaN are left out.
        rows: how many there are.
        resamples: how often rows are drawn with replacement.
        confidence: of the two-sided interval.
        seed: same rows and seed, same interval.
    """
    if rows == 0:
        return Interval(float("nan"), 0.0, 1.0)
    random = np.random.default_rng(seed)
    drawn = np.array([statistic(random.integers(0, rows, rows)) for _ in range(resamples)])
    value, known = statistic(np.arange(rows)), drawn[~np.isnan(drawn)]
    if not len(known):
        return Interval(value, 0.0, 1.0)
    tail = (1 - confidence) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def bootstrap_mean(
    values: NDArray[np.float64] | NDArray[np.bool_],
    *,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int = SEED,
) -> Interval:
    """Returns the mean of `values` with its percentile interval."""
    rows = np.asarray(values, dtype=np.float64)
    return bootstrap_interval(
        lambda chosen: float(rows[chosen].mean()),
        len(rows),
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    )

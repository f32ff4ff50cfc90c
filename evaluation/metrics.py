"""Figures of merit, each with its definition and source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its two-sided 95 % Clopper–Pearson interval."""

    value: float
    low: float
    high: float


def share(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Returns `successes` / `trials` with its exact interval; NaN and (0, 1) without a trial."""
    if trials == 0:
        return Interval(float("nan"), 0.0, 1.0)
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(beta.ppf(1 - tail, successes + 1, trials - successes))
    return Interval(successes / trials, low, high)


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Returns the mean F1 over the classes that occur in `truth`."""
    scores = []
    for label in sorted(set(truth)):
        both = sum(t == label and p == label for t, p in zip(truth, predicted, strict=True))
        either = sum(t == label for t in truth) + sum(p == label for p in predicted)
        scores.append(2 * both / either)
    return float(np.mean(scores))


def binary_f1(truth: Sequence[bool], predicted: Sequence[bool]) -> float:
    """Returns the F1 of the positive class; 0 where nothing is positive."""
    both = sum(t and p for t, p in zip(truth, predicted, strict=True))
    either = sum(truth) + sum(predicted)
    return 2 * both / either if either else 0.0


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Returns mean confidence, share right and number of rows of equally filled bins, lowest first."""
    order = np.argsort(confidence, kind="stable")
    return [
        (float(confidence[part].mean()), float(right[part].mean()), len(part))
        for part in np.array_split(order, bins)
        if len(part)
    ]


def expected_calibration_error(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10
) -> float:
    """Returns the mean gap between confidence and accuracy over equally filled bins (Naeini et al. 2015).

    Chance alone makes it greater than zero: some 0.05 for a perfect head on 200 rows.
    """
    points = reliability(confidence, right, bins)
    return sum(count * abs(stated - actual) for stated, actual, count in points) / len(confidence)


def brier_score(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Returns the mean squared gap between a probability and what happened (Brier 1950)."""
    return float(np.mean((confidence - right) ** 2))


def risk_coverage(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns coverage and the wrong share among the most confident, for each number of answers."""
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), np.cumsum(~right[order]) / answered


def area_under_risk_coverage(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Returns the mean risk over all coverages (Geifman and El-Yaniv 2017); lower is better."""
    return float(risk_coverage(confidence, right)[1].mean())


def coverage_at_precision(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float = 0.95
) -> float:
    """Returns the largest coverage whose answers are right at least `precision` of the time."""
    coverage, risk = risk_coverage(confidence, right)
    good = np.flatnonzero(risk <= 1 - precision)
    return float(coverage[good[-1]]) if len(good) else 0.0

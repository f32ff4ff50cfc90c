"""Plots of the laboratory: confusion matrix, reliability diagram, risk–coverage curve."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Interval, risk_coverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 110


def plot_confusion(truth: Sequence[str], predicted: Sequence[str]) -> Figure:
    """Returns the confusion matrix, rows normalised, counts in the cells."""
    labels = sorted({*truth, *predicted})
    counts = np.zeros((len(labels), len(labels)))
    for actual, guess in zip(truth, predicted, strict=True):
        counts[labels.index(actual), labels.index(guess)] += 1
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = new_figure(2 + 0.6 * len(labels), 1.5 + 0.55 * len(labels))
    image = axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    for row, column in np.argwhere(counts > 0):
        shade = "white" if rates[row, column] > 0.6 else "black"
        axes.text(
            column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=shade, fontsize=8
        )
    axes.set(xlabel="predicted", ylabel="actual")
    figure.colorbar(image, fraction=0.04)
    return figure


def plot_reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> Figure:
    """Returns how often answers of a probability are right, beside the ideal diagonal."""
    parts = [part for part in np.array_split(np.argsort(confidence, kind="stable"), bins) if len(part)]
    figure, axes = new_figure(5, 5)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="ideal")
    axes.plot(
        [confidence[part].mean() for part in parts],
        [right[part].mean() for part in parts],
        marker="o",
        label="model",
    )
    axes.set(xlabel="stated probability", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    return figure


def plot_risk_coverage(
    curves: dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]], bound: float
) -> Figure:
    """Returns the wrong share against the answered share of each named scorer."""
    figure, axes = new_figure(6, 4)
    for name, (confidence, right) in curves.items():
        axes.plot(*risk_coverage(confidence, right), label=name)
    axes.axhline(bound, color="grey", linestyle=":", label=f"bound {bound:.0%}")
    axes.set(xlabel="share answered", ylabel="share of answers wrong", xlim=(0, 1), ylim=(0, None))
    axes.legend()
    return figure


def plot_intervals(series: Mapping[str, Mapping[str, Interval]], label: str) -> Figure:
    """Returns a dot with its interval for every row (e.g. a language) of each series (e.g. a model).

    Args:
        series: intervals by series and row; a series may lack rows, and NaN is not drawn.
        label: of the value axis, which runs from 0 to 1.
    """
    rows = list(dict.fromkeys(row for intervals in series.values() for row in intervals))
    figure, axes = new_figure(6.5, 1.2 + 0.22 * len(rows) * (len(series) + 1))
    for number, (name, intervals) in enumerate(series.items()):
        shift = (number - (len(series) - 1) / 2) * 0.8 / len(series)
        shown = [(rows.index(row) + shift, found) for row, found in intervals.items() if found.value >= 0]
        values = np.array([found.value for _, found in shown])
        spread = [
            np.maximum(values - [found.low for _, found in shown], 0),
            np.maximum([found.high for _, found in shown] - values, 0),
        ]
        axes.errorbar(values, [place for place, _ in shown], xerr=spread, fmt="o", capsize=3, label=name)
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel=label, xlim=(0, 1))
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="best")
    return figure


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Returns an empty figure of `width` by `height` inches, with its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def to_png(figure: Figure) -> bytes:
    """Returns the figure as a PNG picture."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DPI)
    return picture.getvalue()

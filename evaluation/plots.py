"""Plots of a run: confusion matrix, reliability diagram, risk–coverage curve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import risk_coverage


def plot_confusion(truth: Sequence[str], predicted: Sequence[str], path: Path) -> None:
    """Writes the confusion matrix, rows normalised, as a picture."""
    labels = sorted({*truth, *predicted})
    counts = np.zeros((len(labels), len(labels)))
    for actual, guess in zip(truth, predicted, strict=True):
        counts[labels.index(actual), labels.index(guess)] += 1
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _figure(2 + 0.6 * len(labels), 1.5 + 0.55 * len(labels))
    image = axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    for row, column in np.argwhere(counts > 0):
        shade = "white" if rates[row, column] > 0.6 else "black"
        axes.text(column, row, int(counts[row, column]), ha="center", va="center", color=shade, fontsize=8)
    axes.set(xlabel="predicted", ylabel="actual")
    figure.colorbar(image, fraction=0.04)
    _save(figure, path)


def plot_reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], path: Path, bins: int = 10
) -> None:
    """Writes how often answers of a probability are right, beside the ideal diagonal."""
    parts = [part for part in np.array_split(np.argsort(confidence, kind="stable"), bins) if len(part)]
    figure, axes = _figure(5, 5)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="ideal")
    axes.plot(
        [confidence[part].mean() for part in parts],
        [right[part].mean() for part in parts],
        marker="o",
        label="model",
    )
    axes.set(xlabel="stated probability", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    _save(figure, path)


def plot_risk_coverage(
    curves: dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]], bound: float, path: Path
) -> None:
    """Writes the wrong share against the answered share of each named scorer."""
    figure, axes = _figure(6, 4)
    for name, (confidence, right) in curves.items():
        axes.plot(*risk_coverage(confidence, right), label=name)
    axes.axhline(bound, color="grey", linestyle=":", label=f"bound {bound:.0%}")
    axes.set(xlabel="share answered", ylabel="share of answers wrong", xlim=(0, 1), ylim=(0, None))
    axes.legend()
    _save(figure, path)


def _figure(width: float, height: float):  # type: ignore[no-untyped-def]
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _save(figure, path: Path) -> None:  # type: ignore[no-untyped-def]
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)

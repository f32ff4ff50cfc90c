"""Plots of the laboratory. Every function returns a figure; `to_png` makes it a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Interval, reliability, risk_coverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 130
INK, SOFT, GRID = "#1c2430", "#5b6675", "#e6eaef"
COLOURS = ("#1f5fa8", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a7a7a")
"""Told apart by colour-blind readers, too (after Okabe and Ito 2008)."""
EASTERN_FONTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Hiragino Sans", "PingFang SC",
    "Yu Gothic", "Microsoft YaHei", "IPAexGothic", "WenQuanYi Zen Hei",
)  # fmt: skip
ReliabilityPoint = Sequence[float]
"""Mean stated probability, share that came true, and number of tickets."""


def plot_confusion(truth: Sequence[str], predicted: Sequence[str]) -> Figure:
    """Returns the confusion matrix, rows normalised, counts in the cells."""
    labels = sorted({*truth, *predicted})
    counts = np.zeros((len(labels), len(labels)))
    for actual, guess in zip(truth, predicted, strict=True):
        counts[labels.index(actual), labels.index(guess)] += 1
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = new_figure(2.2 + 0.42 * len(labels), 1.6 + 0.34 * len(labels))
    axes.imshow(rates, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    for row, column in np.argwhere(counts > 0):
        shade = "white" if rates[row, column] > 0.55 else INK
        axes.text(
            column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=shade, fontsize=8
        )
    axes.grid(visible=False)
    axes.set(xlabel="predicted", ylabel="actual")
    return figure


def plot_reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> Figure:
    """Returns how often answers of a probability are right, beside the ideal diagonal."""
    figure, axes = new_figure(4.4, 4.2)
    _draw_reliability(axes, reliability(confidence, right, bins))
    axes.set(xlabel="stated probability", ylabel="share that came true")
    return figure


def plot_reliability_grid(rows: Mapping[str, Mapping[str, Sequence[ReliabilityPoint]]]) -> Figure:
    """Returns one small reliability diagram a row (head) and column (everything, or one language)."""
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    figure, grid = new_grid(len(rows), len(columns), 1.55, 1.55)
    for line, (head, panels) in zip(grid, rows.items(), strict=True):
        for axes, column in zip(line, columns, strict=True):
            _draw_reliability(axes, panels.get(column, ()))
            axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"], fontsize=8)
            axes.set_yticks([0, 0.5, 1], ["0", ".5", "1"], fontsize=8)
            axes.label_outer()
        line[0].set_ylabel(head)
    for axes, column in zip(grid[0], columns, strict=True):
        axes.set_title(column, fontsize=10)
    figure.supxlabel("stated probability", fontsize=9, color=SOFT)
    figure.supylabel("share that came true", fontsize=9, color=SOFT)
    return figure


def plot_risk_coverage(
    curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]],
    bound: float,
    working_point: tuple[float, float] | None = None,
) -> Figure:
    """Returns the wrong share against the answered share of each named scorer.

    Args:
        curves: scores and whether the answer would be right.
        bound: the wrong share that is allowed.
        working_point: share answered and share wrong of the desk as it is set.
    """
    figure, axes = new_figure(6, 3.6)
    for colour, (name, (confidence, right)) in zip(COLOURS, curves.items(), strict=False):
        axes.plot(*risk_coverage(confidence, right), label=name, color=colour, linewidth=1.8)
    axes.axhline(bound, color=SOFT, linestyle=":", label=f"bound {bound:.0%}")
    if working_point is not None:
        axes.plot(*working_point, marker="o", color=INK, linestyle="none", label="the desk as it is set")
    axes.set(xlabel="share answered", ylabel="share of answers wrong", xlim=(0, 1), ylim=(0, None))
    axes.legend(frameon=False, fontsize=9)
    return figure


def plot_intervals(
    series: Mapping[str, Mapping[str, Interval]],
    axis: str,
    marks: Mapping[str, float] | None = None,
    limits: tuple[float, float] | None = (0, 1),
) -> Figure:
    """Returns values with their intervals, one line a name, one colour a series.

    Args:
        series: of each series, the intervals by name; names keep their order, from the top; a series may lack
            names, and NaN is not drawn.
        axis: what the values are.
        marks: a further value of some names, drawn as a small bar (a claim, a bar to reach).
        limits: of the axis; None fits the values.
    """
    names = list(dict.fromkeys(name for values in series.values() for name in values))
    pitch = 0.7 / max(2, len(series))
    figure, axes = new_figure(5.4, 0.9 + 0.31 * len(names) * max(1, len(series) / 2))
    lines = np.arange(len(names))[::-1].astype(float)
    for number, (label, values) in enumerate(series.items()):
        shift = pitch * ((len(series) - 1) / 2 - number)
        _draw_intervals(
            axes, lines + shift, [values.get(name) for name in names], label, COLOURS[number % len(COLOURS)]
        )
    for name, mark in (marks or {}).items():
        if name in names:
            axes.plot(mark, lines[names.index(name)], marker="|", markersize=13, color=INK, linestyle="none")
    axes.set_yticks(lines, names)
    axes.set(xlabel=axis, ylim=(-0.6, len(names) - 0.4))
    if limits is None and any(value.low < 0 for values in series.values() for value in values.values()):
        axes.axvline(0, color=SOFT, linestyle=":", linewidth=1)
    if limits is not None:
        axes.set_xlim(limits[0] - 0.02, limits[1] + 0.02)
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    return figure


def plot_densities(series: Mapping[str, NDArray[np.float64]], axis: str, bins: int = 40) -> Figure:
    """Returns how each series of values in [0, 1] is distributed."""
    figure, axes = new_figure(5.4, 2.8)
    values = np.concatenate(list(series.values()))
    edges = np.linspace(values.min(), max(values.max(), values.min() + 1e-6), bins + 1).tolist()
    for colour, (name, own) in zip(COLOURS, series.items(), strict=False):
        axes.hist(own, edges, weights=np.full(len(own), 1 / len(own)), label=name, color=colour, alpha=0.45)
    axes.set(xlabel=axis, ylabel="share of tickets")
    axes.legend(frameon=False, fontsize=9)
    return figure


def plot_stacked(names: Sequence[str], parts: Sequence[Mapping[str, int]], axis: str) -> Figure:
    """Returns one horizontal bar a name, made of its parts; names keep their order, from the top."""
    figure, axes = new_figure(6.4, 0.9 + 0.3 * len(names))
    lines = np.arange(len(names))[::-1]
    starts = np.zeros(len(names))
    for number, key in enumerate(sorted({key for found in parts for key in found})):
        counts = np.array([found.get(key, 0) for found in parts])
        axes.barh(lines, counts, left=starts, label=key, color=COLOURS[number % len(COLOURS)], height=0.65)
        starts += counts
    axes.set_yticks(lines, names)
    axes.set(xlabel=axis, ylim=(-0.6, len(names) - 0.4))
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    return figure


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Returns an empty figure of `width` by `height` inches, with its axes."""
    figure, grid = new_grid(1, 1, width, height)
    return figure, grid[0][0]


def new_grid(rows: int, columns: int, width: float, height: float) -> tuple[Figure, list[list[Axes]]]:
    """Returns a figure of ``rows × columns`` axes, each `width` by `height` inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(SOFT)
        axes.tick_params(colors=SOFT, labelcolor=INK)
        axes.grid(color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
    return figure, [list(row) for row in grid]


def to_png(figure: Figure) -> bytes:
    """Returns the figure as a PNG picture; a company's topics may have Japanese or Chinese names."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontfamily(_font_families())
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DPI)
    return picture.getvalue()


@cache
def _font_families() -> list[str]:
    """Returns matplotlib's own font, and those on this machine that have what it lacks."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in EASTERN_FONTS if name in installed)]


def _draw_reliability(axes: Axes, points: Sequence[ReliabilityPoint]) -> None:
    axes.plot([0, 1], [0, 1], color=SOFT, linestyle=":", linewidth=1)
    axes.plot(
        [point[0] for point in points],
        [point[1] for point in points],
        marker="o",
        markersize=3.5,
        linewidth=1.2,
        color=COLOURS[0],
    )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))


def _draw_intervals(
    axes: Axes, lines: NDArray[np.float64], values: Sequence[Interval | None], label: str, colour: str
) -> None:
    pairs = zip(lines, values, strict=True)
    known = [(line, value) for line, value in pairs if value is not None and not np.isnan(value.value)]
    axes.hlines(
        [line for line, _ in known],
        [value.low for _, value in known],
        [value.high for _, value in known],
        color=colour,
        linewidth=1.6,
        alpha=0.55,
    )
    axes.plot(
        [value.value for _, value in known],
        [line for line, _ in known],
        marker="o",
        markersize=5,
        linestyle="none",
        color=colour,
        label=label,
    )

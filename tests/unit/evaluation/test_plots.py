from __future__ import annotations

import numpy as np

from evaluation.metrics import Interval, reliability
from evaluation.plots import (
    plot_confusion,
    plot_densities,
    plot_intervals,
    plot_reliability,
    plot_reliability_grid,
    plot_risk_coverage,
    plot_stacked,
    to_png,
)

PNG = b"\x89PNG"
CONFIDENCE = np.linspace(0.1, 1, 20)
RIGHT = CONFIDENCE > 0.4


def test_plots_any_figures_become_pictures() -> None:
    points = reliability(CONFIDENCE, RIGHT, 5)
    figures = [
        plot_confusion(["shipping", "returns"], ["shipping", "other"]),
        plot_reliability(CONFIDENCE, RIGHT),
        plot_reliability_grid({"category": {"all": points, "ja": points}, "urgency": {"all": points}}),
        plot_risk_coverage({"scorer": (CONFIDENCE, RIGHT)}, 0.05, (0.5, 0.01)),
        plot_intervals({"answered": {"zh": Interval(0.5, 0.4, 0.6)}, "right": {}}, "share", {"zh": 0.7}),
        plot_densities({"reference": CONFIDENCE, "current": np.zeros(3)}, "distance"),
        plot_stacked(["1", "2"], [{"ja": 2, "de": 1}, {"zh": 4}], "tickets"),
    ]
    assert all(to_png(figure).startswith(PNG) for figure in figures)


def test_plot_intervals_first_name_is_on_top_and_missing_values_leave_a_gap() -> None:
    figure = plot_intervals(
        {
            "answered": {"en": Interval(0.5, 0.4, 0.6), "ja": Interval(0.2, 0.1, 0.3)},
            "right": {"ja": Interval(1, 0.9, 1)},
        },
        "share",
    )
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["en", "ja"]
    assert list(axes.get_yticks()) == [1, 0]
    assert [len(line.get_xdata()) for line in axes.lines] == [2, 1]

from __future__ import annotations

import numpy as np

from evaluation.plots import plot_confusion, plot_reliability, plot_risk_coverage, to_png

PNG = b"\x89PNG"
CONFIDENCE = np.linspace(0.1, 1, 20)
RIGHT = CONFIDENCE > 0.4


def test_plots_any_figures_become_pictures() -> None:
    figures = [
        plot_confusion(["shipping", "returns"], ["shipping", "other"]),
        plot_reliability(CONFIDENCE, RIGHT),
        plot_risk_coverage({"scorer": (CONFIDENCE, RIGHT)}, 0.05),
    ]
    assert all(to_png(figure).startswith(PNG) for figure in figures)

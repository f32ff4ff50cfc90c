from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.plots import plot_confusion, plot_reliability, plot_risk_coverage

PNG = b"\x89PNG"
CONFIDENCE = np.linspace(0.1, 1, 20)
RIGHT = CONFIDENCE > 0.4


def test_plots_any_figures_are_written_as_pictures(tmp_path: Path) -> None:
    plot_confusion(["shipping", "returns"], ["shipping", "other"], tmp_path / "new" / "confusion.png")
    plot_reliability(CONFIDENCE, RIGHT, tmp_path / "reliability.png")
    plot_risk_coverage({"scorer": (CONFIDENCE, RIGHT)}, 0.05, tmp_path / "risk.png")
    assert all(path.read_bytes().startswith(PNG) for path in tmp_path.rglob("*.png"))
    assert len(list(tmp_path.rglob("*.png"))) == 3

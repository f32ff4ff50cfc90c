from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.unit.models.tiny_transformer import tiny_bert
from tests.unit.training.benchmark.toy import CONFIG, toy_reader, toy_rows
from training.benchmark.head import Demands, fit_benchmark_head
from training.benchmark.views import ViewName
from training.fine_tuning import FineTuningConfig


def test_fit_benchmark_head_fine_tuned_transformer_reads_three_languages(tmp_path: Path) -> None:
    rows = toy_rows()
    base = tiny_bert(tmp_path / "base", [row.text for row in rows])
    tuning = FineTuningConfig(
        base=str(base), epochs=10, batch_size=8, learning_rate=3e-3, work=tmp_path / "work", patience=10
    )
    head = fit_benchmark_head(rows, toy_reader(), replace(CONFIG, fine_tuning=tuning), Demands(foreign=True))
    assert set(head.views) == {ViewName.FINE_TUNED}
    verdicts = head.judge([row.text for row in rows], [row.language for row in rows])
    right = [label == row.label for label, row in zip(verdicts.labels, rows, strict=True)]
    assert np.mean(right) > 0.6

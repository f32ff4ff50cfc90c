from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.public_sets import OUT_OF_SCOPE, LabelledText
from tests.unit.models.tiny import tiny_encoder
from tests.unit.training.benchmark.toy import toy_rows, write_rows
from training.cli import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_encoder().save(tmp_path / "encoder")
    (tmp_path / "set").mkdir()
    for language in ("en", "de", "ja"):
        rows = [row for row in toy_rows(2) if row.language == language]
        write_rows(tmp_path / "set" / f"{language}.train.jsonl", rows)
        write_rows(tmp_path / "set" / f"{language}.test.jsonl", rows[::2])
    write_rows(tmp_path / "set" / "en.oos_test.jsonl", [LabelledText("zzqx wvkj", OUT_OF_SCOPE, "")])
    return tmp_path


def invoke(folder: Path, *more: str) -> dict[str, dict[str, object]]:
    command = ["evaluate", "benchmark", "--data", str(folder / "set"), "--encoder", str(folder / "encoder")]
    report = folder / "report.html"
    result = CliRunner().invoke(
        app, [*command, *more, "--json", "--report", str(report)], catch_exceptions=False
    )
    assert "Benchmark" in report.read_text(encoding="utf-8")
    found: dict[str, dict[str, object]] = json.loads(result.stdout)
    return found


def test_evaluate_benchmark_prints_only_the_splits_that_are_there(folder: Path) -> None:
    figures = invoke(folder, "--baseline")
    assert "dev" not in figures
    assert {"accuracy", "macro_f1", "by_language", "oos_recall", "oos_fpr95"} <= set(figures["test"])
    assert set(figures["test"]["by_language"]) == {"en", "de", "ja"}  # type: ignore[call-overload]
    assert {"train_seconds", "texts_per_second"} <= set(figures)
    assert figures["baseline"]["test"]["accuracy"] > 0.5  # type: ignore[index]


def test_evaluate_benchmark_few_shots_of_one_language_measures_all(folder: Path) -> None:
    figures = invoke(folder, "--shots", "2", "--train-languages", "de")
    assert figures["train_rows"] == 6
    assert set(figures["test"]["by_language"]) == {"en", "de", "ja"}  # type: ignore[call-overload]

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.models.tiny import TEXTS, tiny_encoder
from training.cli import app


def test_evaluate_bitext_prints_json_and_writes_a_report(tmp_path: Path) -> None:
    tiny_encoder().save(tmp_path / "encoder")
    pairs = tmp_path / "pairs.jsonl"
    rows = [
        {"en": text, "text": text, "language": "ja" if number % 2 else "de"}
        for number, text in enumerate(TEXTS)
    ]
    pairs.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    report = tmp_path / "report.html"
    command = ["evaluate", "bitext", "--pairs", str(pairs), "--encoder", str(tmp_path / "encoder")]
    result = CliRunner().invoke(app, [*command, "--json", "--report", str(report)], catch_exceptions=False)
    figures = json.loads(result.stdout)
    assert figures["accuracy_en_to_x"] == figures["accuracy_x_to_en"] == pytest.approx(1.0)
    assert set(figures["by_language"]) == {"de", "ja"}
    assert "Bitext retrieval" in report.read_text(encoding="utf-8")

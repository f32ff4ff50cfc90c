from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.unit.models.tiny import TEXTS, tiny_encoder
from training.cli import app


def test_evaluate_retrieval_prints_json_and_writes_a_report(tmp_path: Path) -> None:
    tiny_encoder().save(tmp_path / "encoder")
    docs = [{"id": str(number), "text": text} for number, text in enumerate(TEXTS)]
    queries = [{"id": f"q{number}", "text": text, "doc": str(number)} for number, text in enumerate(TEXTS)]
    queries.append({"id": "lost", "text": "<b>パスワード</b>", "doc": "nowhere"})
    for name, rows in (("docs", docs), ("queries", queries)):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    command = ["evaluate", "retrieval", "--docs", str(tmp_path / "docs.jsonl"), "--json"]
    command += ["--queries", str(tmp_path / "queries.jsonl"), "--encoder", str(tmp_path / "encoder")]
    report = tmp_path / "report.html"
    result = CliRunner().invoke(app, [*command, "--report", str(report)], catch_exceptions=False)
    figures = json.loads(result.stdout)
    assert figures["fused"]["recall@1"] == 1.0
    assert (figures["queries"], figures["skipped_queries"]) == (len(TEXTS), 1)
    assert "ask for a document that is not there" in report.read_text(encoding="utf-8")

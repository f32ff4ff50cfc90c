from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.schema import Split
from data.tickets import load_tickets
from serving.storage import BatchCommitter, open_database, upgrade
from tests.integration.laboratory.conftest import Evaluate
from tests.unit.evaluation.invented import ROWS
from tests.unit.serving.storage.builders import new_ticket
from training.cli import app


@pytest.fixture
def some_tickets(tmp_path: Path) -> Path:
    """Shipped tickets, and tickets about three matters that no article speaks of."""
    shipped = [t for t in load_tickets() if t.split is Split.CALIBRATION][::4]
    rows = [{"message": t.text, "language": str(t.language), "topic": t.topic} for t in shipped]
    rows += [{"message": text, "language": language, "topic": matter} for matter, language, text in ROWS]
    path = tmp_path / "tickets.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_evaluate_gaps_matters_without_an_article_come_up_in_all_their_languages(
    evaluate: Evaluate, some_tickets: Path
) -> None:
    found, page = evaluate("gaps", "--tickets", str(some_tickets))
    words = {word for cluster in found["clusters"] for group in cluster["words"].values() for word in group}
    assert {"ギフトカード", "积分"} & words
    assert any({"de", "ja", "zh"} <= set(cluster["languages"]) for cluster in found["clusters"])
    assert found["agreement_with_labels"]["topics without an article"]["purity"] > 0.7
    assert "What to write next" in page


def test_evaluate_gaps_reads_what_the_desk_stored(
    evaluate: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    database = open_database(url)
    upgrade(database)
    stored = [
        new_ticket(number, body=text, language=language, subject="")
        for number, (_, language, text) in enumerate(ROWS)
    ]
    BatchCommitter(database).commit([*stored, new_ticket(len(ROWS), auto_resolved=True)])
    database.close()
    monkeypatch.setenv("DATABASE_URL", url)
    found, _ = evaluate("gaps", "--database")
    assert (found["tickets"], found["read"]) == (len(ROWS) + 1, len(ROWS))
    assert found["clusters"]
    assert {"de", "ja", "zh"} <= set(found["clusters"][0]["languages"])


@pytest.mark.parametrize("arguments", [[], ["--database", "--tickets", "."]])
def test_evaluate_gaps_not_one_source_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["evaluate", "gaps", *arguments])
    assert result.exit_code == 2
    assert "give either --tickets FILE or --database" in " ".join(result.output.split())

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kb_index.store import read_pointer
from serving.settings.load import SHIPPED_FILE
from tests.unit.kb_index.fakes import ARTICLES
from training.cli import app, main

Run = Callable[..., str]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    lines = (json.dumps(asdict(article), ensure_ascii=False) + "\n" for article in ARTICLES)
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shipped policy with an index of inverted lists under the test's folder."""
    values = yaml.safe_load(SHIPPED_FILE.read_text("utf-8"))
    values["index"].update(root=str(tmp_path / "index"), kind="ivf", nlist=3, nprobe=2)
    path = tmp_path / "support.yaml"
    path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path) -> Run:
    def invoke(command: str, *arguments: str) -> str:
        result = CliRunner().invoke(app, ["index", command, "--config", str(config), *arguments])
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    return invoke


def test_build_of_json_lines_shows_kind_and_numbers_in_the_status(run: Run, articles: Path) -> None:
    assert "7 added" in run("build", "--articles", str(articles), "--shards", "3")
    shown = run("status")
    assert "ivf, bits 8, rerank 100, nlist 3, nprobe 2" in shown
    assert "articles 7" in shown
    assert "パスワードの再設定" in run("search", "パスワードを忘れました", "--language", "ja")


def test_update_of_json_lines_embeds_what_is_new(run: Run, articles: Path) -> None:
    run("build", "--articles", str(articles))
    with articles.open("a", encoding="utf-8") as file:
        file.write(
            '{"id": "KB9", "language": "zh", "category": "returns", "title": "退货", "body": "三十天内。"}\n'
        )
    assert "1 added, 0 changed, 0 deleted, 7 unchanged" in run("update", "--articles", str(articles))
    assert run("verify").count("are as they were written") == 2


def test_verify_names_the_file_that_has_changed(
    run: Run,
    articles: Path,
    config: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run("build", "--articles", str(articles))
    path = tmp_path / "index" / read_pointer(tmp_path / "index").version / "chunks.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[:-3] + b"x" + content[-2:])
    run("status")
    monkeypatch.setattr("sys.argv", ["firstline", "index", "verify", "--config", str(config)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "chunks.jsonl has changed" in capsys.readouterr().err


def test_build_of_a_bad_line_is_one_line_and_keeps_the_index(
    run: Run,
    articles: Path,
    config: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run("build", "--articles", str(articles))
    before = read_pointer(tmp_path / "index")
    articles.write_text(articles.read_text("utf-8") + "{}\n", "utf-8")
    command = ["firstline", "index", "build", "--config", str(config), "--articles", str(articles)]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "articles.jsonl:8: the article lacks id" in " ".join(capsys.readouterr().err.split())
    assert read_pointer(tmp_path / "index") == before

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from data.article_lines import has_article_lines, stream_articles
from data.articles import MAX_ARTICLE_BYTES, render_article
from data.errors import DataError
from tests.unit.kb_index.fakes import ARTICLES

VALID: dict[str, Any] = {
    "id": "KB7",
    "title": "返品の方法",
    "language": "ja",
    "category": "returns",
    "body": "三十日以内に。",
}


def write_lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_stream_articles_gives_back_what_was_written(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "all.jsonl", *(asdict(article) for article in ARTICLES))
    assert tuple(stream_articles(path)) == ARTICLES


def test_stream_articles_of_a_folder_reads_lines_and_markdown(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", asdict(ARTICLES[0]))
    write_lines(tmp_path / "b.jsonl", asdict(ARTICLES[2]))
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "KB003.md").write_text(render_article(ARTICLES[6]), encoding="utf-8")
    assert list(stream_articles(tmp_path)) == [ARTICLES[0], ARTICLES[2], ARTICLES[6]]
    assert has_article_lines(tmp_path)
    assert not has_article_lines(tmp_path / "de")


def test_stream_articles_optional_fields_may_be_missing_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "one.jsonl", VALID)
    path.write_text("\n" + path.read_text("utf-8") + "\n", "utf-8")
    (article,) = stream_articles(path)
    assert (article.title, article.steps, article.topic) == ("返品の方法", (), "")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**VALID, "title": " "}, "lacks title"),
        ({**VALID, "id": None}, "lacks id"),
        ({**VALID, "language": "xx"}, "language 'xx' is none of"),
        ({**VALID, "category": "Rückgabe"}, "category 'Rückgabe' is none of"),
        ({**VALID, "steps": "one"}, "steps must be a list"),
        ({**VALID, "titel": "x"}, "unknown field titel"),
        (["a list"], "must be an object"),
        ({**VALID, "body": "x" * MAX_ARTICLE_BYTES}, "at most"),
    ],
)
def test_stream_articles_bad_line_is_named(tmp_path: Path, row: object, message: str) -> None:
    path = write_lines(tmp_path / "bad.jsonl", VALID, row)
    with pytest.raises(DataError, match=rf"bad\.jsonl:2: .*{message}"):
        list(stream_articles(path))


@pytest.mark.parametrize("line", [b'{"id": ', b"\xff\xfe", b'{"id": "\\ud800"}'])
def test_stream_articles_line_that_is_no_text_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(DataError, match=r"bad\.jsonl:1: not"):
        list(stream_articles(path))


def test_stream_articles_of_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        list(stream_articles(tmp_path / "none.jsonl"))

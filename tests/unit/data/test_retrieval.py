from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataError
from data.retrieval import Document, Query, load_documents, load_queries


def test_load_retrieval_rows_keep_their_ids_as_text(tmp_path: Path) -> None:
    (tmp_path / "docs.jsonl").write_text('{"id": 7, "text": "返金について", "more": 1}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(
        '{"id": "q", "text": "¿Cómo pido un reembolso?", "doc": 7}\n', encoding="utf-8"
    )
    assert load_documents(tmp_path / "docs.jsonl") == [Document("7", "返金について")]
    assert load_queries(tmp_path / "queries.jsonl") == [Query("q", "¿Cómo pido un reembolso?", "7")]


def test_load_documents_repeated_id_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_text('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"docs\.jsonl:2: the document 'a' is there twice"):
        load_documents(path)


def test_load_retrieval_empty_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(DataError, match="no document"):
        load_documents(tmp_path / "empty.jsonl")
    with pytest.raises(DataError, match="no query"):
        load_queries(tmp_path / "empty.jsonl")

from __future__ import annotations

from pathlib import Path

import pytest

from data.bitext import SentencePair, load_pairs
from data.errors import DataError


def test_load_pairs_language_is_kept_where_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        '{"en": "a refund", "text": "返金", "language": "ja"}\n{"en": "hello", "text": "hola", "more": 1}\n',
        encoding="utf-8",
    )
    assert load_pairs(path) == [SentencePair("a refund", "返金", "ja"), SentencePair("hello", "hola")]


def test_load_pairs_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").touch()
    with pytest.raises(DataError, match="no pair"):
        load_pairs(tmp_path / "pairs.jsonl")

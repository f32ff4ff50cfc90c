from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.errors import DataError
from data.json_lines import read_objects, text_of


def test_read_objects_byte_order_mark_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes('\ufeff{"text": "返金"}\n\n{"text": "reembolso"}\n'.encode())
    assert [(where, row["text"]) for where, row in read_objects(path)] == [
        (f"{path}:1", "返金"),
        (f"{path}:3", "reembolso"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"text": "ok"}\n{"text": \n', r":2: not JSON"),
        (b'["text"]\n', r":1: a row must be an object"),
        (b"[" * 200_000 + b"\n", r":1: not JSON"),
        (b'{"text": "\xff"}\n', r": not UTF-8"),
    ],
)
def test_read_objects_bad_line_is_refused_with_file_and_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(str(path)) + message):
        list(read_objects(path))


def test_read_objects_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: No such file"):
        list(read_objects(tmp_path / "none.jsonl"))


def test_text_of_number_is_written_out() -> None:
    assert text_of({"id": 7}, "id", "a:1") == "7"


@pytest.mark.parametrize("value", [None, ["a"], {"a": 1}, True])
def test_text_of_value_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="a:1: the field 'text' must be a text"):
        text_of({"text": value}, "text", "a:1")


def test_text_of_missing_field_names_those_there_are() -> None:
    with pytest.raises(DataError, match="a:1: the field 'text' is missing; there are 'utterance'"):
        text_of({"utterance": "hola"}, "text", "a:1")

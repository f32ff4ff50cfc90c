from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb_index.errors import DamagedIndexError
from kb_index.records import Records, RecordWriter, starts_file

ROWS: list[dict[str, Any]] = [{"text": "one"}, {"text": "二つ目\nの行"}, {"text": ""}, {"text": "Straße 🙂"}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with RecordWriter(tmp_path / "rows.jsonl") as writer:
        for row in ROWS:
            writer.append(row)
    return tmp_path / "rows.jsonl"


def test_records_give_back_what_was_appended_in_any_order(path: Path) -> None:
    records = Records(path, dict)
    assert [records[row] for row in (3, 1, 0, 2, 1)] == [ROWS[row] for row in (3, 1, 0, 2, 1)]
    assert (list(records), len(records)) == (ROWS, len(ROWS))


def test_records_damaged_line_is_named(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"one"', b'"one\n'))
    records = Records(path, dict)
    with pytest.raises(DamagedIndexError, match=r"rows\.jsonl:1 is not as written"):
        records[0]
    assert records[1] == ROWS[1]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.starts.npy"])
def test_records_empty_file_is_an_error(path: Path, name: str) -> None:
    path.with_name(name).write_bytes(b"")
    with pytest.raises(DamagedIndexError, match=name):
        Records(path, dict)


def test_starts_file_stands_beside(path: Path) -> None:
    assert starts_file(path).is_file()

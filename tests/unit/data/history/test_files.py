"""Every shape and encoding that an export comes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.errors import DataError
from data.history.files import CHUNK, Format, inspect_file, read_rows

TEXTS = ("Wo ist mein Päckchen?", "パスワードを忘れました", "我的订单在哪里？")
ROWS = [{"id": number, "message": text} for number, text in enumerate(TEXTS, 1)]


def read(path: Path, encoding: str | None = None) -> list[object]:
    return [row.fields and row.fields.get("message") for row in read_rows(inspect_file(path, encoding))]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_read_rows_csv_of_any_separator_and_unicode_encoding(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    path = tmp_path / "export.csv"
    lines = [f"id{separator}message", *(f'{row["id"]}{separator}"{row["message"]}"' for row in ROWS)]
    path.write_text("\r\n".join(lines), encoding=encoding)
    assert read(path) == list(TEXTS)
    assert inspect_file(path).separator == separator


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Où est ma commande ? J’attends mon café à 10 €."),
        ("cp932", "お世話になっております。注文した商品がまだ届きません。確認をお願いします。"),
        ("gb18030", "您好，我的订单还没有收到，请问什么时候可以发货？我要退款。"),
    ],
)
def test_inspect_file_older_encoding_is_found_out(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(f"id;message\n1;{text}\n2;{text}\n".encode(encoding))
    assert read(path) == [text, text]
    assert inspect_file(path).encoding == encoding


def test_read_rows_line_ends_and_separators_inside_a_cell_belong_to_it(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text('sep=;\nid;message\n1;"Hallo;\nes ""eilt"""\n2;もう一件\n', encoding="utf-8-sig")
    assert read(path) == ['Hallo;\nes "eilt"', "もう一件"]


def test_read_rows_row_with_more_cells_than_headings_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,message\n1,Hallo, Welt\n2,你好\n", encoding="utf-8")
    assert read(path) == [None, "你好"]


def test_read_rows_broken_json_line_is_unreadable_and_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    lines = [json.dumps(ROWS[0]), "{broken", "", json.dumps(ROWS[2]), "[" * 100_000]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = [(row.line, row.fields is None) for row in read_rows(inspect_file(path))]
    assert found == [(1, False), (2, True), (4, False), (5, True)]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "wrap", [list, lambda rows: {"after_cursor": None, "tickets": rows, "end_of_stream": True}]
)
def test_read_rows_array_or_page_of_an_api_gives_its_tickets(
    tmp_path: Path, indent: int | None, wrap
) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(wrap(ROWS), indent=indent, ensure_ascii=False), encoding="utf-8")
    assert read(path) == list(TEXTS)


def test_read_rows_array_larger_than_a_chunk_is_read_through(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    rows = [{"message": f"{number} " + "返金" * (CHUNK // 20)} for number in range(12)]
    path.write_text(json.dumps({"tickets": rows}, indent=1, ensure_ascii=False), encoding="utf-8")
    assert read(path) == [row["message"] for row in rows]


def test_read_rows_array_that_breaks_off_says_where(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text('[\n{"message": "你好"},\n{"message": ', encoding="utf-8")
    with pytest.raises(DataError, match=r"export\.json: not JSON after ticket 1"):
        read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 sheet", "spreadsheet"),
        (b"\x1f\x8b packed", "compressed"),
        (b"a\x00b\x00c\n", "not text"),
    ],
)
def test_inspect_file_that_is_no_table_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        inspect_file(path)
    assert "\n" not in str(caught.value)


def test_read_rows_open_quotation_mark_is_refused_with_the_line(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("data.history.files.LARGEST_CELL", 1000)
    path = tmp_path / "export.csv"
    path.write_text('id,message\n1,ok\n2,"' + "x\n" * 5000, encoding="utf-8")
    with pytest.raises(DataError, match=r"export\.csv:\d+: not CSV"):
        read(path)


def test_inspect_file_unknown_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,message\n1,Hallo", encoding="utf-8")
    with pytest.raises(DataError, match="--encoding 'klingon'"):
        inspect_file(path, "klingon")
    assert inspect_file(path, "utf-8").format is Format.CSV

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from data.errors import DataError
from data.schema import join_text
from data.tickets import FIELDS, load_tickets, tickets_from_frame, tickets_to_frame, write_tickets
from tests.unit.data.builders import TICKET, TICKETS


def plain(**changes: Any) -> dict[str, Any]:
    return {**asdict(TICKET), **changes}


def write_rows(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_load_tickets_written_json_lines_come_back(tmp_path: Path) -> None:
    write_tickets(TICKETS, tmp_path / "t.jsonl")
    assert load_tickets(tmp_path / "t.jsonl") == list(TICKETS)


def test_load_tickets_csv_with_line_breaks_and_quotes_comes_back(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [asdict(ticket) for ticket in TICKETS])
    assert load_tickets(path) == list(TICKETS)


def test_tickets_from_frame_written_frame_comes_back() -> None:
    assert tickets_from_frame(tickets_to_frame(TICKETS)) == list(TICKETS)


def test_tickets_to_frame_no_ticket_has_the_columns() -> None:
    assert list(tickets_to_frame([]).columns) == list(FIELDS)


def test_load_tickets_folder_reads_every_file_in_order(tmp_path: Path) -> None:
    write_tickets(TICKETS[:1], tmp_path / "b.jsonl")
    write_csv(tmp_path / "a.csv", [asdict(TICKETS[1])])
    assert load_tickets(tmp_path) == [TICKETS[1], TICKETS[0]]


def test_load_tickets_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n" + json.dumps(plain()) + "\n\n", encoding="utf-8")
    assert load_tickets(path) == [TICKET]


@pytest.mark.parametrize(("word", "urgent"), [("yes", True), ("1", True), ("False", False), ("", False)])
def test_load_tickets_urgent_as_a_word_is_read(tmp_path: Path, word: str, urgent: bool) -> None:
    assert load_tickets(write_rows(tmp_path / "t.jsonl", plain(urgent=word)))[0].urgent is urgent


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (plain(language="it"), "'it' is not a valid Language"),
        (plain(channel="fax"), "'fax' is not a valid Channel"),
        (plain(category="cats"), "'cats' is not a valid Category"),
        (plain(sentiment="meh"), "'meh' is not a valid Sentiment"),
        (plain(split="dev"), "'dev' is not a valid Split"),
        (plain(urgent="perhaps"), "urgent must be true or false"),
        (plain(colour="red"), "unknown field colour"),
        ({key: value for key, value in plain().items() if key != "topic"}, "'topic' is missing"),
        (["a", "list"], "a row must be an object"),
    ],
)
def test_load_tickets_bad_row_is_refused_with_file_and_line(tmp_path: Path, row: Any, message: str) -> None:
    path = write_rows(tmp_path / "t.jsonl", plain(), row)
    with pytest.raises(DataError, match=message) as caught:
        load_tickets(path)
    assert str(caught.value).startswith(f"{path}:2: ")


def test_load_tickets_broken_json_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(plain()) + "\n\n{'id': 1}\n", encoding="utf-8")
    with pytest.raises(DataError, match="not JSON") as caught:
        load_tickets(path)
    assert str(caught.value).startswith(f"{path}:3: ")


def test_load_tickets_bad_csv_row_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [plain(message="one line"), plain(message="one", split="dev")])
    with pytest.raises(DataError, match="'dev' is not a valid Split") as caught:
        load_tickets(path)
    assert str(caught.value).startswith(f"{path}:3: ")


@pytest.mark.parametrize("extra", ["", ",surplus,cells"])
def test_load_tickets_csv_row_of_another_width_is_refused(tmp_path: Path, extra: str) -> None:
    path = write_csv(tmp_path / "t.csv", [plain(message="eins")])
    row = path.read_text(encoding="utf-8").splitlines()[1]
    lines = [",".join(FIELDS), row + extra if extra else row.rpartition(",")[0]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"t\.csv:2: "):
        load_tickets(path)


def test_load_tickets_other_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes('{"message": "ça"}\n'.encode("latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        load_tickets(path)


def test_load_tickets_nothing_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no tickets"):
        load_tickets(tmp_path)
    with pytest.raises(DataError, match=r"gone\.jsonl"):
        load_tickets(tmp_path / "gone.jsonl")


def test_tickets_from_frame_bad_row_is_refused_with_its_index() -> None:
    frame = tickets_to_frame(TICKETS)
    frame.index = [10, 20, 30]
    frame.loc[20, "category"] = "cats"
    with pytest.raises(DataError, match="row 20: 'cats'"):
        tickets_from_frame(frame)


def test_join_text_blank_subject_is_left_out() -> None:
    assert join_text(" ", "包裹在哪里？") == "包裹在哪里？"
    assert TICKET.text.splitlines()[0] == "Où est mon colis ?"

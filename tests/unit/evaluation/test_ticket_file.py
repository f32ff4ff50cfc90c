from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataError
from data.schema import Channel
from evaluation.ticket_file import read_ticket_file


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_read_ticket_file_json_lines_and_csv_give_the_same_tickets(tmp_path: Path) -> None:
    lines = write(
        tmp_path,
        "a.jsonl",
        '{"message": "返金は？", "language": "ja", "topic": "refund"}\n\n{"message": "Hola", "id": 7}\n',
    )
    table = write(tmp_path, "b.csv", "id,message,language,topic,note\n,返金は？,ja,refund,x\n7,Hola,,,\n")
    found = read_ticket_file(lines)
    assert [(t.message, t.language, t.topic, t.channel) for t in found] == [
        ("返金は？", "ja", "refund", None),
        ("Hola", None, None, None),
    ]
    assert [(t.message, t.language, t.topic) for t in read_ticket_file(table)] == [
        (t.message, t.language, t.topic) for t in found
    ]
    assert [t.id for t in found] == ["1", "7"]


def test_read_ticket_file_folder_joins_its_files(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", '{"message": "Wo ist mein Paket?", "channel": "sms"}')
    write(tmp_path, "b.csv", "message\n包裹在哪里\n")
    found = read_ticket_file(tmp_path)
    assert [t.message for t in found] == ["Wo ist mein Paket?", "包裹在哪里"]
    assert found[0].channel is Channel.SMS


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.jsonl", '{"message": "x"}\n{broken\n', "a.jsonl:2: not JSON"),
        ("a.jsonl", '{"text": "x"}\n', "a.jsonl:1: message"),
        ("a.jsonl", '{"message": "  "}\n', "a.jsonl:1: message"),
        ("a.jsonl", '{"message": "x", "language": "it"}\n', "a.jsonl:1: language: 'it' is none of"),
        ("a.jsonl", '{"message": "x", "category": "pets"}\n', "a.jsonl:1: category: 'pets'"),
        ("a.jsonl", '{"message": "x", "topic": 5}\n', "a.jsonl:1: topic: not text"),
        ("a.jsonl", "", "no ticket in it"),
        ("a.csv", "text\nx\n", "a.csv:1: no column 'message'"),
        ("a.csv", "", "a.csv:1: no column 'message'; the columns are none"),
        ("a.csv", 'message\n"x\n', "not CSV"),
        ("a.csv", "message,channel\nx,fax\n", "a.csv:2: channel: 'fax'"),
    ],
)
def test_read_ticket_file_bad_input_names_file_and_line(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_ticket_file(write(tmp_path, name, text))
    assert problem in str(caught.value)


def test_read_ticket_file_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("message\nGrüße\n".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        read_ticket_file(tmp_path / "a.csv")

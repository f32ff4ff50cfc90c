"""Files of tickets that may have labels: JSON lines or CSV with at least a message."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import DataError
from data.json_lines import read_objects
from data.schema import UNDETERMINED, Category, Channel, Language


@dataclass(frozen=True, slots=True)
class FileTicket:
    """One row of a file.

    Attributes:
        where: ``file:line``.
        language: as the file says, None to find out.
        channel: None where the file does not say.
        category: the label, None where there is none; `topic` likewise.
    """

    id: str
    where: str
    subject: str
    message: str
    language: str | None
    channel: Channel | None
    category: str | None
    topic: str | None


def read_ticket_file(path: Path) -> list[FileTicket]:
    """Returns the tickets of a ``.csv`` or JSON lines file, or of every such file of a folder.

    Fields are those of ``firstline predict``: ``message``, and optionally ``id``, ``subject``, ``language``,
    ``channel``, ``category`` and ``topic``; any other is passed over.

    Raises:
        DataError: nothing is there, or a row is not a ticket; the message has file and line.
    """
    files = sorted([*path.glob("*.jsonl"), *path.glob("*.csv")]) if path.is_dir() else [path]
    tickets = [_ticket(row, where) for file in files for where, row in _rows(file)]
    if not tickets:
        raise DataError(f"{path}: no ticket in it; give JSON lines or CSV with a field 'message'")
    return tickets


def _rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return _csv_rows(file) if file.suffix.lower() == ".csv" else read_objects(file)


def _csv_rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if "message" not in (reader.fieldnames or ()):
                named = ", ".join(map(repr, reader.fieldnames or ())) or "none"
                raise DataError(f"{file}:1: no column 'message'; the columns are {named}")
            for row in reader:
                yield f"{file}:{reader.line_num}", row
    except csv.Error as error:
        raise DataError(f"{file}:{reader.line_num}: not CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file}: not UTF-8 ({error.reason} at byte {error.start}); convert the file"
        ) from error


def _ticket(row: Mapping[str, Any], where: str) -> FileTicket:
    message = row.get("message")
    if not isinstance(message, str) or not message.strip():
        raise DataError(f"{where}: message: missing, empty, or not text")
    channel = _one_of(row, "channel", {*Channel}, where)
    return FileTicket(
        id=str(row.get("id") or where.rpartition(":")[2]),
        where=where,
        subject=_text(row, "subject", where),
        message=message,
        language=_one_of(row, "language", {*Language, UNDETERMINED}, where),
        channel=Channel(channel) if channel else None,
        category=_one_of(row, "category", {*Category}, where),
        topic=_text(row, "topic", where) or None,
    )


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise DataError(f"{where}: {name}: not text")
    return value.strip()


def _one_of(row: Mapping[str, Any], name: str, known: set[str], where: str) -> str | None:
    value = _text(row, name, where)
    if value and value not in known:
        raise DataError(f"{where}: {name}: {value!r} is none of {', '.join(sorted(known))}")
    return value or None

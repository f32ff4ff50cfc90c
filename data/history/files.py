"""The rows of an export, whatever wrote it: CSV with any separator, JSON lines, an array, pages of an API.

Nothing is held in memory but the row at hand, so that a file may be larger than the machine.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from data.errors import DataError
from data.history.encodings import detect_encoding

SEPARATORS = ",;\t|"
LARGEST_CELL = 16_000_000
"""Characters; a cell beyond it is a quotation mark that never closes."""
LONGEST_LINE = 32_000_000
CHUNK = 1_000_000
ARRAY_START = re.compile(r'\s*(?:\[|\{(?:[^\[\]{}]|"[^"]*")*?"(?:tickets|results)"\s*:\s*\[)')
BETWEEN = re.compile(r"[\s,]*")
SHEETS = {b"PK\x03\x04": "a spreadsheet or a zip archive", b"\x1f\x8b": "compressed", b"%PDF": "a PDF"}


class Format(StrEnum):
    """How the rows stand in the file."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how to read it.

    Attributes:
        separator: between the cells of a CSV file, empty otherwise.
        skip_lines: lines before the headings (Excel's ``sep=;``).
    """

    path: Path
    format: Format
    encoding: str
    separator: str = ""
    skip_lines: int = 0


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in the file.

    Attributes:
        line: its line, or its number in an array; `fields` is None where it cannot be read.
    """

    line: int
    fields: Mapping[str, Any] | None


def inspect_file(path: Path, encoding: str | None = None) -> Source:
    """Returns how to read `path`; the encoding is found out unless it is given.

    Raises:
        DataError: it is missing, empty, or neither text nor a table.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    for magic, what in SHEETS.items():
        if start.startswith(magic):
            raise DataError(f"{path} is {what}: export the tickets as CSV (UTF-8) or JSON lines")
    if not start.strip():
        raise DataError(f"{path} is empty")
    found = encoding or detect_encoding(path)
    try:
        with path.open(encoding=found, errors="replace", newline="") as text:
            head = [text.readline(100_000) for _ in range(2)]
    except LookupError as error:
        raise DataError(f"--encoding {found!r} is not known; try utf-8, cp1252, cp932 or gb18030") from error
    if "\x00" in "".join(head):
        raise DataError(f"{path} is not text: export the tickets as CSV (UTF-8) or JSON lines")
    if head[0].lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return Source(path, Format.JSON, found)
    announced = re.match(r"sep=(.)\r?\n", head[0].lstrip("\ufeff"), re.IGNORECASE)
    if announced:
        return Source(path, Format.CSV, found, announced[1], 1)
    return Source(path, Format.CSV, found, _separator(head[0]))


def read_rows(source: Source) -> Iterator[RawRow]:
    """Yields the rows in the order of the file.

    Raises:
        DataError: the file cannot be read on, with the line where it stopped.
    """
    errors = "strict" if source.encoding == "utf-8-sig" else "replace"
    try:
        with source.path.open(encoding=source.encoding, errors=errors, newline="") as text:
            yield from (_read_csv if source.format is Format.CSV else _read_json)(source, text)
    except UnicodeDecodeError as error:
        raise DataError(f"{source.path} is not {source.encoding}: {error}") from error


def _separator(heading: str) -> str:
    outside = re.sub(r'"[^"]*"', "", heading)
    return max(SEPARATORS, key=outside.count)


def _read_csv(source: Source, text: TextIO) -> Iterator[RawRow]:
    csv.field_size_limit(LARGEST_CELL)
    for _ in range(source.skip_lines):
        text.readline()
    rows = csv.reader(text, delimiter=source.separator)
    try:
        headings = next(rows, [])
        for cells in rows:
            if len(cells) > len(headings):
                yield RawRow(rows.line_num, None)
            elif cells:
                yield RawRow(rows.line_num, dict(zip(headings, cells, strict=False)))
    except csv.Error as error:
        raise DataError(
            f"{source.path}:{rows.line_num}: not CSV: {error}; is a quotation mark open?"
        ) from error


def _read_json(source: Source, text: TextIO) -> Iterator[RawRow]:
    first = text.readline(LONGEST_LINE)
    text.seek(0)
    if _parse(first) is None and ARRAY_START.match(text.read(4096)):
        text.seek(0)
        yield from _read_array(source, text)
        return
    text.seek(0)
    for number, line in enumerate(iter(lambda: text.readline(LONGEST_LINE), ""), 1):
        if line.strip("\ufeff \t\r\n"):
            for value in _records(_parse(line)):
                yield RawRow(number, value if isinstance(value, dict) else None)


def _parse(line: str) -> Any:
    """Returns the value of a line, None where it is not JSON."""
    try:
        return json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _records(value: Any) -> list[Any]:
    """Returns the tickets of a page of an API, of an array, or the one ticket."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for name in ("tickets", "results"):
            if isinstance(value.get(name), list):
                return list(value[name])
    return [value]


def _read_array(source: Source, text: TextIO) -> Iterator[RawRow]:
    decoder = json.JSONDecoder()
    buffer = text.read(CHUNK)
    start = ARRAY_START.match(buffer)
    position, number = start.end() if start else 0, 0
    while True:
        position = BETWEEN.match(buffer, position).end()  # type: ignore[union-attr]
        if buffer[position : position + 1] == "]":
            return
        try:
            value, position = decoder.raw_decode(buffer, position)
        except (ValueError, RecursionError) as error:
            more = text.read(max(CHUNK, len(buffer))) if len(buffer) < LONGEST_LINE else ""
            if not more:
                raise DataError(f"{source.path}: not JSON after ticket {number}: {error}") from error
            buffer, position = buffer[position:] + more, 0
            continue
        number += 1
        yield RawRow(number, value if isinstance(value, dict) else None)

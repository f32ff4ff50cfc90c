"""Loaders of labelled tickets: JSON lines, CSV and pandas."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import DataError
from data.schema import Category, Channel, LabelledTicket, Language, Sentiment, Split
from data.taxonomy import CORPUS_DIR

if TYPE_CHECKING:
    import pandas as pd

TICKETS_DIR = CORPUS_DIR / "tickets"
FIELDS = tuple(LabelledTicket.__dataclass_fields__)
TRUE = frozenset({"true", "1", "yes"})
FALSE = frozenset({"false", "0", "no", ""})


def load_tickets(path: Path = TICKETS_DIR) -> list[LabelledTicket]:
    """Returns the tickets of a ``.jsonl`` or ``.csv`` file, or of every such file of a folder.

    Raises:
        DataError: nothing is there, or a row is not a ticket; the message has file and line.
    """
    files = sorted([*path.glob("*.jsonl"), *path.glob("*.csv")]) if path.is_dir() else [path]
    if not files:
        raise DataError(f"no tickets (*.jsonl, *.csv) in {path}")
    tickets: list[LabelledTicket] = []
    for file in files:
        for line, row in _rows(file):
            tickets.append(_parse(row, f"{file}:{line}"))
    return tickets


def tickets_from_frame(frame: pd.DataFrame) -> list[LabelledTicket]:
    """Returns the tickets of a pandas frame with the columns of `LabelledTicket`.

    Raises:
        DataError: a row is not a ticket; the message has the index of the row.
    """
    records = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    return [
        _parse({str(key): value for key, value in record.items()}, f"row {index}")
        for index, record in zip(frame.index, records, strict=True)
    ]


def tickets_to_frame(tickets: Iterable[LabelledTicket]) -> pd.DataFrame:
    """Returns a pandas frame with one row a ticket; `tickets_from_frame` reads it back."""
    import pandas as pd

    return pd.DataFrame([_plain(ticket) for ticket in tickets], columns=list(FIELDS))


def write_tickets(tickets: Iterable[LabelledTicket], path: Path) -> None:
    """Writes `tickets` as JSON lines."""
    lines = (json.dumps(_plain(ticket), ensure_ascii=False) + "\n" for ticket in tickets)
    path.write_text("".join(lines), encoding="utf-8")


def _plain(ticket: LabelledTicket) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, str) else value for name, value in asdict(ticket).items()}


def _rows(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            if file.suffix == ".csv":
                reader = csv.DictReader(lines)
                for row in reader:
                    yield reader.line_num, row
                return
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{file}:{number}: not JSON: {error.msg}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as UTF-8: {error}") from error


def _parse(row: Mapping[str, Any], where: str) -> LabelledTicket:
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: a row must be an object")
    unknown = set(row) - set(FIELDS)
    if unknown:
        raise DataError(f"{where}: unknown field {', '.join(sorted(map(str, unknown)))}")
    try:
        return LabelledTicket(
            id=_text(row, "id"),
            language=Language(row["language"]),
            channel=Channel(row["channel"]),
            subject=str(row["subject"] or ""),
            message=_text(row, "message"),
            category=Category(row["category"]),
            topic=_text(row, "topic"),
            article_id=str(row["article_id"]) if row["article_id"] else None,
            sentiment=Sentiment(row["sentiment"]),
            urgent=_boolean(row["urgent"]),
            split=Split(row["split"]),
            source=_text(row, "source"),
            pattern=_text(row, "pattern"),
        )
    except KeyError as error:
        raise DataError(f"{where}: the field {error.args[0]!r} is missing") from error
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error


def _text(row: Mapping[str, Any], name: str) -> str:
    if row[name] is None:
        raise ValueError(f"the field {name!r} is empty")
    return str(row[name])


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise ValueError(f"urgent must be true or false, not {value!r}")

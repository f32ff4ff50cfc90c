"""A company's tickets, one after the other, with what was left out and why."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.errors import DataError
from data.history.automatic import is_automatic, is_spam
from data.history.columns import Columns, Field, choose_columns
from data.history.files import RawRow, Source, inspect_file, read_rows
from data.history.markup import plain_text
from data.history.values import DateOrder, date_order_shown, read_channel, read_date
from data.history.zendesk import flatten_row
from data.schema import Channel, join_text

SAMPLE_ROWS = 500
LONGEST_TEXT = 20_000
"""Characters that are read of a message, a subject or a reply."""
LONGEST_SUBJECT = 500


class Skip(StrEnum):
    """Why a row is no ticket to measure."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    AUTOMATIC = "automatic_mail"
    SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is left out."""

    line: int
    reason: Skip


@dataclass(frozen=True, slots=True)
class PastTicket:
    """One ticket of the history.

    Attributes:
        channel: None where the export does not say.
        created: in UTC, None without a date; `bad_date` tells one that could not be read.
        article: what the export says solved it, as it stands there; empty where it says nothing.
        reply: what people answered in public, empty where the export does not have it.
    """

    line: int
    subject: str
    message: str
    channel: Channel | None = None
    created: datetime | None = None
    bad_date: bool = False
    article: str = ""
    reply: str = ""

    @property
    def text(self) -> str:
        """Subject and message as the models read them."""
        return join_text(self.subject, self.message)


@dataclass(frozen=True)
class History:
    """An export, ready to be read any number of times.

    Attributes:
        date_order: how 03/04/2026 is read; settled by the dates of the sample that can only be read one way.
    """

    sources: Sequence[Source]
    columns: Columns
    date_order: DateOrder

    def __iter__(self) -> Iterator[PastTicket | Skipped]:
        """Yields every row in the order of the files."""
        for row in itertools.chain.from_iterable(map(read_rows, self.sources)):
            yield self._read(row)

    def tickets(self) -> Iterator[PastTicket]:
        """Yields the rows that are tickets."""
        return (row for row in self if isinstance(row, PastTicket))

    def _read(self, row: RawRow) -> PastTicket | Skipped:
        if row.fields is None:
            return Skipped(row.line, Skip.UNREADABLE)
        fields, text = flatten_row(row.fields), self.columns.text
        subject = " ".join(text(fields, Field.SUBJECT).split())[:LONGEST_SUBJECT]
        message = plain_text(text(fields, Field.MESSAGE)).strip()[:LONGEST_TEXT]
        if not message and not subject:
            return Skipped(row.line, Skip.EMPTY)
        if is_spam(text(fields, Field.TAGS), text(fields, Field.STATUS)):
            return Skipped(row.line, Skip.SPAM)
        if is_automatic(subject, message):
            return Skipped(row.line, Skip.AUTOMATIC)
        when = text(fields, Field.CREATED)
        created = read_date(when, self.date_order) if when.strip() else None
        return PastTicket(
            line=row.line,
            subject=subject if message else "",
            message=message or subject,
            channel=read_channel(text(fields, Field.CHANNEL)),
            created=created,
            bad_date=bool(when.strip()) and created is None,
            article=text(fields, Field.ARTICLE).strip(),
            reply=plain_text(text(fields, Field.REPLY)).strip()[:LONGEST_TEXT],
        )


@dataclass(frozen=True)
class HistoryOptions:
    """What a user says about an export; nothing of it is needed.

    Attributes:
        columns: heading of each field that is not to be guessed.
        encoding: of the file, None to find out.
    """

    columns: Mapping[Field, str] = field(default_factory=dict)
    encoding: str | None = None


def open_history(path: Path, options: HistoryOptions | None = None) -> History:
    """Returns the export at `path`: a file, or a folder of files with the same columns.

    Raises:
        DataError: there is no file, or it holds no ticket that can be read.
    """
    options = options or HistoryOptions()
    files = sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]
    if not files:
        raise DataError(f"no file in {path}")
    sources = [inspect_file(file, options.encoding) for file in files]
    rows = itertools.islice(itertools.chain.from_iterable(map(read_rows, sources)), SAMPLE_ROWS)
    sample = [flatten_row(row.fields) for row in rows if row.fields is not None]
    if not sample:
        raise DataError(f"{path}: no row can be read as a ticket; is it CSV with headings, or JSON lines?")
    columns = choose_columns(sample, options.columns, str(path))
    return History(sources, columns, _date_order(sample, columns))


def _date_order(sample: Sequence[Mapping[str, Any]], columns: Columns) -> DateOrder:
    shown = Counter(date_order_shown(columns.text(row, Field.CREATED)) for row in sample)
    month_first = shown[DateOrder.MONTH_FIRST] > shown[DateOrder.DAY_FIRST]
    return DateOrder.MONTH_FIRST if month_first else DateOrder.DAY_FIRST

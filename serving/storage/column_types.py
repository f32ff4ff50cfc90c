"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect

_TimeReader = Callable[[str | None], datetime | None]
REPLACEMENT = "\ufffd"
_SQLITE_TIME = len("2026-01-31 23:59:59.123456")


def in_utc(time: datetime) -> datetime:
    """Returns the same moment in UTC.

    Raises:
        ValueError: the time has no zone.
    """
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone; give an aware time")
    return time if time.tzinfo is UTC else time.astimezone(UTC)


def storable_text(text: str) -> str:
    """Returns the text with NULs (PostgreSQL) and lone surrogates (UTF-8) replaced by U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", REPLACEMENT)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {storable_text(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    if is_dataclass(value):
        return {field.name: _storable(getattr(value, field.name)) for field in fields(value)}
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


def dump_json(value: Any) -> str:
    """Returns JSON text that both databases accept: NULs and lone surrogates become U+FFFD.

    Raises:
        TypeError: something in it has no JSON form.
    """
    try:
        text = orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    except TypeError:
        text = ""
    if text and "\\u0000" not in text:
        return text
    return orjson.dumps(_storable(value), default=_plain, option=orjson.OPT_SERIALIZE_NUMPY).decode()


class PlainText(sa.types.TypeDecorator[str]):
    """Text of any length: enum members become their value, NULs and lone surrogates become U+FFFD."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Returns what the database stores."""
        return None if value is None else storable_text(str(value))


class _UtcText(sqlite.DATETIME):
    """SQLite's DATETIME read and written by C code; SQLAlchemy's own formats each field in Python."""

    def bind_processor(self, dialect: Dialect) -> None:
        """Returns None: the value is text already."""

    def result_processor(self, dialect: Dialect, coltype: object) -> _TimeReader:  # noqa: ARG002
        """Returns the function that reads the text."""

        def read(text: str | None) -> datetime | None:
            return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)

        return read


_UTC_TEXT: sa.types.TypeEngine[Any] = _UtcText()  # type: ignore[no-untyped-call]


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time: ``timestamptz`` on PostgreSQL, sortable UTC text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Returns the type of the dialect."""
        text = dialect.name == "sqlite"
        return dialect.type_descriptor(_UTC_TEXT if text else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Returns what the database stores.

        Raises:
            ValueError: the time has no zone.
        """
        if value is None:
            return None
        utc = in_utc(value)
        if dialect.name == "sqlite":
            return utc.isoformat(" ", "microseconds")[:_SQLITE_TIME]
        return utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Returns the time, aware, in UTC."""
        return None if value is None else value.astimezone(UTC)


JSON_OBJECT = sa.JSON().with_variant(JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

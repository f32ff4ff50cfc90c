"""The database connection: SQLite for one machine, PostgreSQL for many, with the same promises.

A commit that returned survives a kill of the process: SQLite runs in WAL mode with full synchronisation,
PostgreSQL with its synchronous commit left on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from serving.storage.column_types import dump_json
from serving.storage.errors import StorageError, StorageUnavailableError

BUSY_TIMEOUT_S: Final = 30
CONNECT_TIMEOUT_S: Final = 5
_BEGIN: Final = "firstline_sqlite_begin"
_PASSING: Final = frozenset({"08", "40", "53", "55", "57", "58"})
"""SQLSTATE classes: connection, deadlock, resources, lock, shutdown, system."""
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class Database:
    """An engine, with transactions that read and transactions that write."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{_BEGIN: "IMMEDIATE"})

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def address(self) -> str:
        """The URL without its password, fit for messages."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yields a connection that sees one state of the database and changes nothing.

        Raises:
            StorageUnavailableError: the database cannot be reached.
        """
        with self._reported(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yields a connection whose work is committed at the end, or undone by an exception.

        Raises:
            StorageUnavailableError: the database cannot be reached, is locked, or gave up on a deadlock.
        """
        with self._reported(), self._writing.begin() as connection:
            yield connection

    def healthy(self) -> bool:
        """Returns whether the database answers."""
        try:
            with self.read() as connection:
                connection.execute(sa.text("SELECT 1"))
        except StorageError:
            return False
        return True

    def close(self) -> None:
        """Closes every connection that nobody uses."""
        self.engine.dispose()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not _passes(error):
                raise
            raise StorageUnavailableError(f"{self.address} is not available: {error.orig}") from error


def _passes(error: DBAPIError) -> bool:
    """Returns whether the same statement may succeed later: the trouble is the database, not the row."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return isinstance(error, OperationalError)
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, OperationalError | InterfaceError) and (state is None or state[:2] in _PASSING)


def open_database(url: str, pool_size: int = 5) -> Database:
    """Returns the database of a SQLAlchemy URL; the folder of an SQLite file is made if it is missing.

    Raises:
        StorageError: the URL is not one of SQLite (a file) or PostgreSQL.
    """
    parsed = _checked(url)
    options: dict[str, Any] = {"json_serializer": dump_json, "json_deserializer": orjson.loads}
    if parsed.get_backend_name() == "sqlite":
        Path(parsed.database or "").absolute().parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            parsed,
            pool_size=pool_size,
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
            **options,
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return Database(engine)
    connect = {"connect_timeout": CONNECT_TIMEOUT_S}
    return Database(
        sa.create_engine(parsed, pool_size=pool_size, pool_pre_ping=True, connect_args=connect, **options)
    )


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError("DATABASE_URL is not a database URL; write sqlite:///var/firstline.db") from error
    name = parsed.get_backend_name()
    if name == "postgres":
        parsed, name = parsed.set(drivername="postgresql"), "postgresql"
    if name == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if name != "sqlite":
        raise StorageError(f"DATABASE_URL names {name!r}; use sqlite:///<file> or postgresql://…")
    if parsed.database in {None, "", ":memory:"}:
        raise StorageError("SQLite in memory cannot be shared between threads; write sqlite:///<file>")
    return parsed


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(_BEGIN, 'DEFERRED')}")

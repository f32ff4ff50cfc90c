"""The inserts of the hot path: one prepared statement a table, however many rows.

SQLite runs the prepared insert once a row, inside the process; the values are converted column by column,
which costs half of SQLAlchemy's own conversion row by row. PostgreSQL gets all rows as one JSON document and
unfolds them itself (``json_to_recordset``): one round trip, and a third of the work on our side.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect

from serving.storage.column_types import UtcDateTime, dump_json, in_utc
from serving.storage.rows import Row

_Prepared = tuple[str, tuple[str, ...]]


def insert(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Inserts rows with the same keys."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _run_many(connection, _prepared(table, tuple(rows[0])), table, rows)
    else:
        _unfold(connection, _unfolding(table, tuple(rows[0])), table, rows)


def insert_new(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Inserts the rows whose key is not there yet."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _run_many(connection, _prepared_new(table, tuple(rows[0])), table, rows)
    else:
        statement = _unfolding(table, tuple(rows[0])).on_conflict_do_nothing()
        _unfold(connection, statement, table, rows)


def _run_many(connection: Connection, statement: _Prepared, table: sa.Table, rows: Sequence[Row]) -> None:
    sql, order = statement
    columns = [_converted(table.c[name], connection.dialect, rows) for name in order]
    connection.exec_driver_sql(sql, list(zip(*columns, strict=True)))


@cache
def _prepared(table: sa.Table, names: tuple[str, ...]) -> _Prepared:
    return _compiled(sqlite.insert(table), names)


@cache
def _prepared_new(table: sa.Table, names: tuple[str, ...]) -> _Prepared:
    return _compiled(sqlite.insert(table).on_conflict_do_nothing(), names)


def _compiled(statement: sqlite.Insert, names: tuple[str, ...]) -> _Prepared:
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=list(names))
    return str(compiled), tuple(compiled.positiontup or names)


def _converted(column: sa.Column[Any], dialect: Dialect, rows: Sequence[Row]) -> list[Any]:
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    name = column.name
    return [row[name] for row in rows] if convert is None else [convert(row[name]) for row in rows]


@cache
def _unfolding(table: sa.Table, names: tuple[str, ...]) -> postgresql.Insert:
    columns = [sa.column(name, table.c[name].type) for name in names]
    document = sa.cast(sa.bindparam("rows", type_=sa.Text), postgresql.JSON())
    rows = (
        sa.func.json_to_recordset(document).table_valued(*columns).render_derived(name="r", with_types=True)
    )
    return postgresql.insert(table).from_select(names, sa.select(*(rows.c[name] for name in names)))


def _unfold(connection: Connection, statement: Any, table: sa.Table, rows: Sequence[Row]) -> None:
    for name in rows[0]:
        if isinstance(table.c[name].type, UtcDateTime):
            for row in rows:
                if row[name] is not None:
                    in_utc(row[name])
    connection.execute(statement, {"rows": dump_json(rows)})


def upsert(connection: Connection, table: sa.Table, row: Row) -> None:
    """Inserts a row, or replaces everything but its key."""
    keys = table.primary_key
    changed = {name: value for name, value in row.items() if name not in keys.columns}
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).values(row).on_conflict_do_update(keys, set_=changed))
    else:
        connection.execute(postgresql.insert(table).values(row).on_conflict_do_update(keys, set_=changed))

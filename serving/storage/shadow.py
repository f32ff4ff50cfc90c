"""What a challenger would have done with live tickets, beside what the champion did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.records import ShadowRow
from serving.storage.statements import insert_new

_shadow = tables.shadow_reading.c
_NAMES = tuple(field.name for field in fields(ShadowRow))


class ShadowRepository:
    """Keeps one row for each ticket and challenger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, rows: Sequence[ShadowRow]) -> None:
        """Stores the rows; a ticket that the challenger has read before stays as it was."""
        with self._database.write() as connection:
            insert_new(connection, tables.shadow_reading, [_to_row(row) for row in rows])

    def find(self, champion: str, challenger: str, since: datetime | None = None) -> Sequence[ShadowRow]:
        """Returns what both did with the same tickets, oldest first; `since` is inclusive."""
        wanted = (
            sa.select(*(_shadow[name] for name in _NAMES))
            .where(_shadow.champion == champion, _shadow.challenger == challenger)
            .order_by(_shadow.id)
        )
        if since is not None:
            wanted = wanted.where(_shadow.at >= since)
        with self._database.read() as connection:
            return [ShadowRow(**row) for row in connection.execute(wanted).mappings()]


def _to_row(row: ShadowRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in _NAMES}

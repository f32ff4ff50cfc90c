"""The outbox: what is to be sent, claimed with a lease and a fencing token.

Claiming pushes ``next_at`` to the end of the lease, so a row whose relay died becomes due again by itself;
the token goes up with each claim, so the relay that was too slow can no longer finish it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.records import ClaimedRow
from serving.storage.rows import CLAIMED_COLUMNS, to_claimed

_outbox = tables.outbox.c
_waiting = sa.and_(_outbox.done_at.is_(None), sa.not_(_outbox.dead))


class OutboxRepository:
    """Claims and finishes outbox rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, limit: int, now: datetime, lease: timedelta) -> list[ClaimedRow]:
        """Returns rows that are due, oldest first; until the lease ends nobody else gets them."""
        due = (
            sa.select(_outbox.id)
            .where(_waiting, _outbox.next_at <= now)
            .order_by(_outbox.next_at, _outbox.id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # ignored by SQLite: one transaction writes at a time
        )
        claimed = (
            sa.update(tables.outbox)
            .where(_outbox.id.in_(due.scalar_subquery()))
            .values(attempts=_outbox.attempts + 1, token=_outbox.token + 1, next_at=now + lease)
            .returning(*CLAIMED_COLUMNS)
        )
        if not self._any_due(now):
            return []
        with self._database.write() as connection:
            rows = connection.execute(claimed).mappings().all()
        return sorted((to_claimed(row) for row in rows), key=lambda row: row.id)

    def finish(self, rows: Sequence[ClaimedRow], at: datetime) -> int:
        """Marks rows delivered and returns for how many the claim still held."""
        if not rows:
            return 0
        held = sa.tuple_(_outbox.id, _outbox.token).in_([(row.id, row.token) for row in rows])
        done = sa.update(tables.outbox).where(held, _waiting).values(done_at=at, last_error=None)
        with self._database.write() as connection:
            return connection.execute(done).rowcount

    def postpone(self, row: ClaimedRow, until: datetime, error: str) -> bool:
        """Makes a row due again later; returns whether the claim still held."""
        return self._change(row, next_at=until, last_error=error)

    def release(self, row: ClaimedRow, now: datetime) -> bool:
        """Gives back a row that was not tried; returns whether the claim still held."""
        return self._change(row, next_at=now, attempts=row.attempts - 1)

    def bury(self, row: ClaimedRow, error: str) -> bool:
        """Gives a row up, for people to see; returns whether the claim still held."""
        return self._change(row, dead=True, last_error=error)

    def revive(self, key: str, now: datetime) -> bool:
        """Makes a dead row due again with all its attempts; returns whether there was one."""
        revived = (
            sa.update(tables.outbox)
            .where(_outbox.key == key, _outbox.dead)
            .values(dead=False, attempts=0, next_at=now)
        )
        with self._database.write() as connection:
            return connection.execute(revived).rowcount == 1

    def counts(self) -> tuple[int, int]:
        """Returns how many rows wait, and how many are dead."""
        wanted = sa.select(sa.func.count().filter(_waiting), sa.func.count().filter(_outbox.dead))
        with self._database.read() as connection:
            waiting, dead = connection.execute(wanted).one()
        return waiting, dead

    def _any_due(self, now: datetime) -> bool:
        """Asks without a lock, so that an idle relay does not hold up the writer."""
        wanted = sa.select(_outbox.id).where(_waiting, _outbox.next_at <= now).limit(1)
        with self._database.read() as connection:
            return connection.execute(wanted).first() is not None

    def _change(self, row: ClaimedRow, **values: Any) -> bool:
        held = sa.and_(_outbox.id == row.id, _outbox.token == row.token, _waiting)
        with self._database.write() as connection:
            return connection.execute(sa.update(tables.outbox).where(held).values(**values)).rowcount == 1

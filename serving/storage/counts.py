"""Counts for metrics and KPIs, each from one pass of the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.storage import tables
from serving.storage.customers import CLOSED_STATUSES
from serving.storage.database import Database
from serving.storage.records import DeskCounts

_ticket = tables.ticket.c
_Period = sa.ColumnElement[bool]


def count_desk(database: Database, now: datetime, since: datetime | None = None) -> DeskCounts:
    """Returns counts over the tickets created since a time, or over all."""
    period = sa.true() if since is None else _ticket.created_at >= since
    with database.read() as connection:
        total, automatic, targets, met, seconds = connection.execute(_totals(now).where(period)).one()
        return DeskCounts(
            total=total,
            auto_resolved=automatic,
            by_status=_grouped(connection, _ticket.status, period),
            by_category=_grouped(connection, _ticket.category, period),
            open_by_queue=_grouped(
                connection,
                sa.func.coalesce(_ticket.queue, ""),
                sa.and_(period, _ticket.status.not_in(CLOSED_STATUSES)),
            ),
            sla_counted=targets,
            sla_met=met,
            resolution_s_mean=None if seconds is None else float(seconds),
            ratings=_ratings(connection, period),
        )


def _totals(now: datetime) -> sa.Select[Any]:
    done_at = sa.func.coalesce(_ticket.resolved_at, sa.literal(now, _ticket.resolved_at.type))
    took_s = sa.extract("epoch", _ticket.resolved_at) - sa.extract("epoch", _ticket.created_at)
    return sa.select(
        sa.func.count(),
        sa.func.count().filter(_ticket.auto_resolved),
        sa.func.count(_ticket.resolution_due_at),
        sa.func.count().filter(done_at <= _ticket.resolution_due_at),
        sa.func.avg(took_s),
    )


def _grouped(connection: Connection, label: sa.ColumnElement[Any], period: _Period) -> dict[str, int]:
    counted = sa.select(label, sa.func.count()).where(period).group_by(label).order_by(label)
    return {row[0]: row[1] for row in connection.execute(counted)}


def _ratings(connection: Connection, period: _Period) -> dict[int, int]:
    rating = tables.rating.c.rating
    counted = (
        sa.select(rating, sa.func.count())
        .join_from(tables.rating, tables.ticket)
        .where(period)
        .group_by(rating)
        .order_by(rating)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}

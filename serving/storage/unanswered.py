"""Tickets that people got: what their customers wrote first."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.records import Direction

_ticket, _message = tables.ticket.c, tables.message.c


@dataclass(frozen=True, slots=True)
class UnansweredTicket:
    """A ticket that was not answered automatically; `message` is the first one of its customer."""

    id: str
    subject: str
    message: str
    language: str
    channel: str


def read_unanswered(database: Database, most: int) -> tuple[list[UnansweredTicket], int]:
    """Returns the newest tickets that were not answered automatically, and how many tickets there are in all.

    Args:
        database: of the desk.
        most: tickets to return.
    """
    first = (
        sa.select(_message.ticket_id, sa.func.min(_message.id).label("id"))
        .where(_message.direction == Direction.INBOUND)
        .group_by(_message.ticket_id)
        .subquery()
    )
    wanted = (
        sa.select(_ticket.id, _ticket.subject, _message.body, _ticket.language, _ticket.channel)
        .join(first, first.c.ticket_id == _ticket.id)
        .join(tables.message, _message.id == first.c.id)
        .where(sa.not_(_ticket.auto_resolved))
        .order_by(_ticket.created_at.desc(), _ticket.id.desc())
        .limit(most)
    )
    with database.read() as connection:
        rows = connection.execute(wanted).all()
        total = connection.execute(sa.select(sa.func.count()).select_from(tables.ticket)).scalar_one()
    return [UnansweredTicket(*row) for row in rows], total

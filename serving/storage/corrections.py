"""What people corrected, with the text that was misread: what the next training run may learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.records import CorrectedTicket, CorrectionRow, Direction
from serving.storage.rows import Row

_correction, _ticket, _message = tables.correction.c, tables.ticket.c, tables.message.c
_NAMES = tuple(field.name for field in fields(CorrectionRow))
_COLUMNS = tuple(_correction[name] for name in _NAMES)


class CorrectionRepository:
    """Reads corrections; `TicketRepository.correct` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_ticket(self, ticket_id: str) -> tuple[CorrectionRow, ...]:
        """Returns the corrections of one ticket, oldest first."""
        wanted = sa.select(*_COLUMNS).where(_correction.ticket_id == ticket_id).order_by(_correction.id)
        with self._database.read() as connection:
            return tuple(_to_correction(row) for row in connection.execute(wanted).mappings())

    def all(self) -> Sequence[CorrectedTicket]:
        """Returns every correction with the customer's first message, oldest first."""
        first = (
            sa.select(_message.ticket_id, sa.func.min(_message.id).label("message_id"))
            .where(_message.direction == Direction.INBOUND)
            .group_by(_message.ticket_id)
            .subquery()
        )
        wanted = (
            sa.select(
                *_COLUMNS, _ticket.id, _ticket.language, _ticket.channel, _ticket.subject, _message.body
            )
            .join(tables.ticket, _ticket.id == _correction.ticket_id)
            .join(first, first.c.ticket_id == _ticket.id)
            .join(tables.message, _message.id == first.c.message_id)
            .order_by(_correction.id)
        )
        with self._database.read() as connection:
            return [_to_corrected(row) for row in connection.execute(wanted).mappings()]


def correction_row(ticket_id: str, correction: CorrectionRow) -> Row:
    """Returns the row of a correction; the database numbers it."""
    return {"ticket_id": ticket_id, **{name: getattr(correction, name) for name in _NAMES}}


def _to_correction(row: RowMapping) -> CorrectionRow:
    return CorrectionRow(**{name: row[name] for name in _NAMES})


def _to_corrected(row: RowMapping) -> CorrectedTicket:
    return CorrectedTicket(
        ticket_id=row[_ticket.id],
        language=row[_ticket.language],
        channel=row[_ticket.channel],
        subject=row[_ticket.subject],
        message=row[_message.body],
        correction=CorrectionRow(**{column.name: row[column] for column in _COLUMNS}),
    )

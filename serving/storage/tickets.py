"""Tickets: read one, list many, change one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.storage import tables
from serving.storage.corrections import correction_row
from serving.storage.cursor import decode_cursor, encode_cursor
from serving.storage.database import Database
from serving.storage.errors import ConflictError, FieldError, TicketNotFoundError
from serving.storage.records import (
    CorrectionRow,
    EventRow,
    JsonObject,
    Lesson,
    MessageRow,
    OutboxRow,
    Page,
    RatingRow,
    StoredTicket,
    TicketChanges,
    TicketQuery,
    TicketRow,
)
from serving.storage.rows import (
    TICKET_COLUMNS,
    event_row,
    message_row,
    outbox_row,
    to_event,
    to_message,
    to_rating,
    to_ticket,
)
from serving.storage.standings import learn_standing
from serving.storage.statements import insert, insert_new, upsert

MAX_LIMIT: Final = 200
_CHANGEABLE: Final = frozenset(TicketChanges.__annotations__)
_EQUAL: Final = (
    "status", "category", "channel", "priority", "language", "customer_id", "queue", "auto_resolved",
)  # fmt: skip
_ticket = tables.ticket.c


class TicketRepository:
    """Reads and changes tickets; new ones come through the group commit writer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, ticket_id: str) -> StoredTicket:
        """Returns a ticket with its conversation, its audit trail (both oldest first) and its rating.

        Raises:
            TicketNotFoundError: no ticket has the id.
        """
        with self._database.read() as connection:
            return StoredTicket(
                ticket=_read_ticket(connection, ticket_id),
                messages=tuple(to_message(row) for row in _belonging(connection, tables.message, ticket_id)),
                events=tuple(to_event(row) for row in _belonging(connection, tables.event, ticket_id)),
                rating=_read_rating(connection, ticket_id),
            )

    def explanation(self, ticket_id: str) -> JsonObject:
        """Returns what the models and rules said about a ticket.

        Raises:
            TicketNotFoundError: no ticket has the id.
        """
        with self._database.read() as connection:
            wanted = sa.select(_ticket.explanation).where(_ticket.id == ticket_id)
            row = connection.execute(wanted).first()
        if row is None:
            raise TicketNotFoundError(ticket_id)
        explanation: JsonObject = row.explanation
        return explanation

    def find(self, query: TicketQuery) -> Page:
        """Returns one page of the tickets that match every filter, newest first.

        Raises:
            CursorError: the cursor is none of ours.
            FieldError: the limit is not between 1 and 200.
        """
        if not 1 <= query.limit <= MAX_LIMIT:
            raise FieldError(f"limit is {query.limit}; give a number from 1 to {MAX_LIMIT}")
        statement = (
            sa.select(*TICKET_COLUMNS)
            .where(*_conditions(query))
            .order_by(_ticket.created_at.desc(), _ticket.id.desc())
            .limit(query.limit + 1)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).mappings().all()
        found = tuple(to_ticket(row) for row in rows[: query.limit])
        more = len(rows) > query.limit
        return Page(found, encode_cursor(found[-1].created_at, found[-1].id) if more else None)

    def update(
        self,
        ticket_id: str,
        expected_version: int,
        changes: TicketChanges,
        events: Sequence[EventRow],
        messages: Sequence[MessageRow] = (),
        outbox: Sequence[OutboxRow] = (),
    ) -> TicketRow:
        """Changes a ticket, with its events and what is to be sent, in one transaction; returns it changed.

        Raises:
            TicketNotFoundError: no ticket has the id.
            ConflictError: the ticket is no longer at the expected version.
            FieldError: a field may not be changed, or no event says who changed it and why.
        """
        with self._database.write() as connection:
            changed = _change(connection, ticket_id, expected_version, changes, events)
            insert(connection, tables.message, [message_row(ticket_id, item) for item in messages])
            due = changed.updated_at
            insert_new(connection, tables.outbox, [outbox_row(ticket_id, item, due) for item in outbox])
            return changed

    def correct(
        self,
        ticket_id: str,
        expected_version: int,
        changes: TicketChanges,
        event: EventRow,
        correction: CorrectionRow,
    ) -> TicketRow:
        """Stores what a person corrected and changes the ticket accordingly, in one transaction.

        Raises:
            TicketNotFoundError: no ticket has the id.
            ConflictError: the ticket is no longer at the expected version.
        """
        with self._database.write() as connection:
            changed = _change(connection, ticket_id, expected_version, changes, [event])
            insert(connection, tables.correction, [correction_row(ticket_id, correction)])
            return changed

    def rate(self, ticket_id: str, rating: RatingRow, event: EventRow, lesson: Lesson | None = None) -> None:
        """Stores what the customer thought; the latest rating counts, each is an event.

        Args:
            ticket_id: the rated ticket.
            rating: what the customer thought.
            event: says that it was rated.
            lesson: what it teaches about the article that answered, None where people did.

        Raises:
            TicketNotFoundError: no ticket has the id.
            FieldError: the rating is not between 0 and 10.
        """
        if not 0 <= rating.rating <= 10:
            raise FieldError(f"rating is {rating.rating}; give a whole number from 0 to 10")
        row = {
            "ticket_id": ticket_id,
            "rating": rating.rating,
            "feedback": rating.feedback,
            "at": rating.at,
        }
        with self._database.write() as connection:
            _lock_ticket(connection, ticket_id)
            replaced = _read_rating(connection, ticket_id)
            upsert(connection, tables.rating, row)
            insert(connection, tables.event, [event_row(ticket_id, event)])
            if lesson is not None:
                learn_standing(connection, lesson, replaced.rating if replaced else None, rating.at)


def _change(
    connection: Connection,
    ticket_id: str,
    expected_version: int,
    changes: TicketChanges,
    events: Sequence[EventRow],
) -> TicketRow:
    """Changes a ticket that is still at `expected_version`, with the events that say who did it and why."""
    _check_changes(changes, events)
    statement = (
        sa.update(tables.ticket)
        .where(_ticket.id == ticket_id, _ticket.version == expected_version)
        .values(**changes, updated_at=events[-1].at, version=expected_version + 1)
        .returning(*TICKET_COLUMNS)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        found = _read_ticket(connection, ticket_id)
        raise ConflictError(ticket_id, expected_version, found.version)
    insert(connection, tables.event, [event_row(ticket_id, item) for item in events])
    return to_ticket(row)


def _read_ticket(connection: Connection, ticket_id: str) -> TicketRow:
    row = connection.execute(sa.select(*TICKET_COLUMNS).where(_ticket.id == ticket_id)).mappings().first()
    if row is None:
        raise TicketNotFoundError(ticket_id)
    return to_ticket(row)


def _lock_ticket(connection: Connection, ticket_id: str) -> None:
    """Makes other ratings of the ticket wait; SQLite lets one transaction write at a time anyway."""
    wanted = sa.select(_ticket.id).where(_ticket.id == ticket_id).with_for_update()
    if connection.execute(wanted).first() is None:
        raise TicketNotFoundError(ticket_id)


def _read_rating(connection: Connection, ticket_id: str) -> RatingRow | None:
    wanted = sa.select(tables.rating).where(tables.rating.c.ticket_id == ticket_id)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else to_rating(row)


def _belonging(connection: Connection, table: sa.Table, ticket_id: str) -> Sequence[Any]:
    wanted = sa.select(table).where(table.c.ticket_id == ticket_id).order_by(table.c.id)
    return connection.execute(wanted).mappings().all()


def _conditions(query: TicketQuery) -> Iterator[sa.ColumnElement[bool]]:
    for name in _EQUAL:
        value = getattr(query, name)
        if value is not None:
            yield _ticket[name] == value
    if query.created_from is not None:
        yield _ticket.created_at >= query.created_from
    if query.created_to is not None:
        yield _ticket.created_at < query.created_to
    if query.cursor is not None:
        created_at, ticket_id = decode_cursor(query.cursor)
        last = sa.tuple_(
            sa.literal(created_at, _ticket.created_at.type), sa.literal(ticket_id, _ticket.id.type)
        )
        yield sa.tuple_(_ticket.created_at, _ticket.id) < last


def _check_changes(changes: TicketChanges, events: Sequence[EventRow]) -> None:
    refused = sorted(set(changes) - _CHANGEABLE)
    if refused:
        raise FieldError(
            f"{', '.join(refused)} cannot be changed; these can: {', '.join(sorted(_CHANGEABLE))}"
        )
    if not events:
        raise FieldError("a change needs an event that says who made it and why")

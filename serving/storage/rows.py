"""Records to rows and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from serving.storage import tables
from serving.storage.records import (
    ClaimedRow,
    CustomerRow,
    Direction,
    EventRow,
    MessageRow,
    NewTicket,
    OutboxRow,
    RatingRow,
    TicketRow,
)

Row = dict[str, Any]


def _reader(record: type[Any], *without: str) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(record) if field.name not in without)
    return names, attrgetter(*names)


_TICKET_NAMES, _ticket_values = _reader(TicketRow)
_MESSAGE_NAMES, _message_values = _reader(MessageRow, "id")
_EVENT_NAMES, _event_values = _reader(EventRow, "id")
_CUSTOMER_NAMES, _customer_values = _reader(CustomerRow)
TICKET_COLUMNS: Final = tuple(tables.ticket.c[name] for name in _TICKET_NAMES)
"""Everything of a ticket but its explanation, which only one route reads."""


def ticket_row(bundle: NewTicket) -> Row:
    """Returns the row of a new ticket."""
    row = dict(zip(_TICKET_NAMES, _ticket_values(bundle.ticket), strict=True))
    row["explanation"] = bundle.explanation
    return row


def customer_row(customer: CustomerRow) -> Row:
    """Returns the row of a customer."""
    return dict(zip(_CUSTOMER_NAMES, _customer_values(customer), strict=True))


def message_row(ticket_id: str, message: MessageRow) -> Row:
    """Returns the row of a message; the database numbers it."""
    row = dict(zip(_MESSAGE_NAMES, _message_values(message), strict=True))
    row["ticket_id"] = ticket_id
    return row


def event_row(ticket_id: str, event: EventRow) -> Row:
    """Returns the row of an event; the database numbers it."""
    row = dict(zip(_EVENT_NAMES, _event_values(event), strict=True))
    row["ticket_id"] = ticket_id
    return row


def outbox_row(ticket_id: str, item: OutboxRow, at: object) -> Row:
    """Returns the row of something to send, due at once."""
    return {
        "key": item.key,
        "kind": item.kind,
        "ticket_id": ticket_id,
        "payload": item.payload,
        "attempts": 0,
        "token": 0,
        "created_at": at,
        "next_at": at,
        "dead": False,
    }


def to_ticket(row: Mapping[str, Any] | RowMapping) -> TicketRow:
    """Returns the ticket of a row of `TICKET_COLUMNS`."""
    known: Row = {name: row[name] for name in _TICKET_NAMES}
    return TicketRow(**{**known, "escalation_reasons": tuple(row["escalation_reasons"])})


def to_customer(row: RowMapping) -> CustomerRow:
    """Returns the customer of a row."""
    return CustomerRow(**{**row, "tags": tuple(row["tags"])})


def to_message(row: RowMapping) -> MessageRow:
    """Returns the message of a row."""
    known: Row = {name: row[name] for name in _MESSAGE_NAMES}
    return MessageRow(**{**known, "direction": Direction(row["direction"]), "id": row["id"]})


def to_event(row: RowMapping) -> EventRow:
    """Returns the event of a row."""
    return EventRow(**{name: row[name] for name in (*_EVENT_NAMES, "id")})


def to_rating(row: RowMapping) -> RatingRow:
    """Returns the rating of a row."""
    return RatingRow(rating=row["rating"], feedback=row["feedback"], at=row["at"])


CLAIMED_COLUMNS: Final[tuple[sa.Column[Any], ...]] = tuple(
    tables.outbox.c[field.name] for field in fields(ClaimedRow)
)


def to_claimed(row: RowMapping) -> ClaimedRow:
    """Returns the outbox row of a row of `CLAIMED_COLUMNS`."""
    return ClaimedRow(**row)

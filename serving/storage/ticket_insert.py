"""One transaction's worth of new tickets, written with one prepared insert a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.storage import tables
from serving.storage.records import CustomerRow, IdempotencyRow, NewTicket
from serving.storage.rows import Row, customer_row, event_row, message_row, outbox_row, ticket_row
from serving.storage.statements import insert, insert_new


def insert_tickets(connection: Connection, bundles: Sequence[NewTicket]) -> None:
    """Inserts new tickets with all that belongs to them.

    Rows whose key another process may write too are inserted in the order of the key, so that two
    transactions wait for one another instead of dead-locking.
    """
    insert_new(connection, tables.customer, _customers(bundles))
    ordered = sorted(bundles, key=_lock_order)
    insert(connection, tables.idempotency, _keys(ordered))
    insert(connection, tables.ticket, [ticket_row(bundle) for bundle in ordered])
    insert(connection, tables.message, [message_row(b.ticket.id, m) for b in bundles for m in b.messages])
    insert(connection, tables.event, [event_row(b.ticket.id, e) for b in bundles for e in b.events])
    insert_new(connection, tables.outbox, _outbox(bundles))


def taken_ids(connection: Connection, bundles: Iterable[NewTicket]) -> dict[str, object]:
    """Returns when the tickets that already have one of these ids were created, by id."""
    ticket = tables.ticket.c
    ids = [bundle.ticket.id for bundle in bundles]
    rows = connection.execute(sa.select(ticket.id, ticket.created_at).where(ticket.id.in_(ids)))
    return {row.id: row.created_at for row in rows}


def _lock_order(bundle: NewTicket) -> tuple[str, ...]:
    row, ticket = bundle.idempotency, bundle.ticket
    scope, key = (row.scope, row.key) if row else ("", "")
    return scope, key, ticket.channel, ticket.source_id or "", ticket.id


def _customers(bundles: Iterable[NewTicket]) -> list[Row]:
    known: dict[str, CustomerRow] = {}
    for bundle in bundles:
        customer = bundle.customer or _stub(bundle)
        if customer is not None:
            known.setdefault(customer.id, customer)
    return [customer_row(known[customer_id]) for customer_id in sorted(known)]


def _stub(bundle: NewTicket) -> CustomerRow | None:
    ticket = bundle.ticket
    if ticket.customer_id is None:
        return None
    return CustomerRow(id=ticket.customer_id, tier=ticket.customer_tier, created_at=ticket.created_at)


def _keys(bundles: Iterable[NewTicket]) -> list[Row]:
    return [_key(bundle.ticket.id, row) for bundle in bundles if (row := bundle.idempotency) is not None]


def _key(ticket_id: str, row: IdempotencyRow) -> Row:
    return {
        "scope": row.scope,
        "key": row.key,
        "request_hash": row.request_hash,
        "ticket_id": ticket_id,
        "response": row.response,
        "created_at": row.created_at,
    }


def _outbox(bundles: Iterable[NewTicket]) -> list[Row]:
    rows = [outbox_row(b.ticket.id, item, b.ticket.created_at) for b in bundles for item in b.outbox]
    return sorted(rows, key=lambda row: str(row["key"]))

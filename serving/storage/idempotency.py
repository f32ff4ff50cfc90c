"""Repeated requests: which tickets of a batch are already there, by key or by the id at their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.errors import IdempotencyConflictError
from serving.storage.records import IdempotencyRow, NewTicket, Outcome, Written

KEPT_FOR: Final = timedelta(days=30)
Pair = tuple[str, str]
Answer = Written | Exception


def same_thing(bundle: NewTicket) -> tuple[tuple[str, ...], ...]:
    """Returns the keys that no two tickets of one transaction may share."""
    keys: list[tuple[str, ...]] = [("id", bundle.ticket.id)]
    if bundle.ticket.source_id is not None:
        keys.append(("source", bundle.ticket.channel, bundle.ticket.source_id))
    if bundle.idempotency is not None:
        keys.append(("key", bundle.idempotency.scope, bundle.idempotency.key))
    return tuple(keys)


def known_answers(connection: Connection, bundles: Sequence[NewTicket], now: datetime) -> dict[int, Answer]:
    """Returns the answer for each ticket, by position, that needs no insert; drops keys that have expired."""
    replies = _stored_replies(connection, bundles, now)
    sources = _stored_sources(connection, bundles)
    answers: dict[int, Answer] = {}
    for position, bundle in enumerate(bundles):
        row = bundle.idempotency
        if row is not None and (reply := replies.get((row.scope, row.key))) is not None:
            answers[position] = _answer(row, reply)
        elif found := sources.get((bundle.ticket.channel, bundle.ticket.source_id or "")):
            answers[position] = Written(found, Outcome.EXISTING)
    return answers


def find_reply(database: Database, wanted: IdempotencyRow, now: datetime) -> Written | None:
    """Returns the stored answer of a repeated request before any work is done on it, None for a new one.

    Raises:
        IdempotencyConflictError: the key was used for another request.
    """
    with database.read() as connection:
        reply = _select_replies(connection, [(wanted.scope, wanted.key)]).get((wanted.scope, wanted.key))
    if reply is None or reply.created_at < now - KEPT_FOR:
        return None
    answer = _answer(wanted, reply)
    if isinstance(answer, Exception):
        raise answer
    return answer


def purge_keys(database: Database, now: datetime) -> int:
    """Deletes the keys kept long enough and returns how many they were."""
    with database.write() as connection:
        old = tables.idempotency.c.created_at < now - KEPT_FOR
        return connection.execute(sa.delete(tables.idempotency).where(old)).rowcount


def _answer(wanted: IdempotencyRow, reply: Row[Any]) -> Answer:
    if reply.request_hash != wanted.request_hash:
        return IdempotencyConflictError(wanted.key)
    return Written(reply.ticket_id, Outcome.REPLAYED, reply.response)


def _stored_replies(
    connection: Connection, bundles: Iterable[NewTicket], now: datetime
) -> Mapping[Pair, Row[Any]]:
    pairs = [(row.scope, row.key) for bundle in bundles if (row := bundle.idempotency) is not None]
    if not pairs:
        return {}
    found = _select_replies(connection, pairs)
    expired = [pair for pair, reply in found.items() if reply.created_at < now - KEPT_FOR]
    if expired:
        connection.execute(sa.delete(tables.idempotency).where(_key_pair().in_(expired)))
    return {pair: reply for pair, reply in found.items() if pair not in expired}


def _select_replies(connection: Connection, pairs: Sequence[Pair]) -> dict[Pair, Row[Any]]:
    rows = connection.execute(sa.select(tables.idempotency).where(_key_pair().in_(pairs)))
    return {(row.scope, row.key): row for row in rows}


def _stored_sources(connection: Connection, bundles: Iterable[NewTicket]) -> Mapping[Pair, str]:
    pairs = [(b.ticket.channel, b.ticket.source_id) for b in bundles if b.ticket.source_id is not None]
    if not pairs:
        return {}
    ticket = tables.ticket.c
    wanted = sa.tuple_(ticket.channel, ticket.source_id).in_(pairs)
    rows = connection.execute(sa.select(ticket.channel, ticket.source_id, ticket.id).where(wanted))
    return {(row.channel, row.source_id): row.id for row in rows}


def _key_pair() -> sa.Tuple[str, str]:  # type: ignore[type-arg]
    return sa.tuple_(tables.idempotency.c.scope, tables.idempotency.c.key)

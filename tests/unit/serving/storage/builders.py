"""Small tickets for tests of the storage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from serving.storage.records import (
    Direction,
    EventRow,
    IdempotencyRow,
    MessageRow,
    NewTicket,
    OutboxRow,
    TicketRow,
)

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TEXTS = (
    "Ich habe mein Passwort vergessen 😟",
    "パスワードを忘れました",
    "我忘记了密码",
    "مرحبا\u200f",
    "a\x00b",
)


def ticket_row(number: int = 0, **fields: Any) -> TicketRow:
    """Returns a ticket; each number is a second later than the one before."""
    at = START + timedelta(seconds=number)
    row = TicketRow(
        id=f"TKT-20260301-{number:06x}",
        channel="email",
        customer_id="CUST-001",
        subject="Passwort",
        language="de",
        status="new",
        priority="medium",
        category="account",
        sentiment="neutral",
        created_at=at,
        updated_at=at,
        metadata={"source": "web", "nested": {"名前": ["値", 1, None]}},
        decision={"action": "route", "reasons": ["no_article"]},
    )
    return replace(row, **fields)


def event(kind: str = "ticket_created", at: datetime = START) -> EventRow:
    """Returns an event."""
    return EventRow(type=kind, actor="agent", cause="request", at=at, data={"value": 1}, model_version="b1")


def new_ticket(number: int = 0, key: str | None = None, body: str = TEXTS[0], **fields: Any) -> NewTicket:
    """Returns a ticket with a message each way, two events, an outbox row, and perhaps an idempotency key."""
    ticket = ticket_row(number, **fields)
    at = ticket.created_at
    return NewTicket(
        ticket=ticket,
        messages=(
            MessageRow(direction=Direction.INBOUND, author="CUST-001", body=body, language="de", at=at),
            MessageRow(
                direction=Direction.OUTBOUND,
                author="agent",
                body=TEXTS[1],
                language="ja",
                at=at,
                automatic=True,
            ),
        ),
        events=(event(at=at), event("routed", at)),
        outbox=(OutboxRow(kind="reply", key=f"{ticket.id}:reply", payload={"body": TEXTS[2]}),),
        explanation={"categories": {"account": 0.9}, "article": None},
        idempotency=None if key is None else idempotency(key, ticket.id, at),
    )


def idempotency(
    key: str, response: str = "{}", at: datetime = START, request_hash: str = "hash"
) -> IdempotencyRow:
    """Returns an idempotency row."""
    return IdempotencyRow(
        scope="POST /api/v1/tickets", key=key, request_hash=request_hash, response=response, created_at=at
    )

"""The domain's tickets as records of the storage, and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Final

from data.schema import Category, Channel, Sentiment
from serving.domain.correction import Correction
from serving.domain.decision import Decision
from serving.domain.events import Event
from serving.domain.outcome import Explanation, Outcome
from serving.domain.sla import SlaClock
from serving.domain.ticket import Customer, Message, Priority, Status, Ticket, Tier
from serving.storage.records import (
    CorrectionRow,
    CustomerRow,
    Direction,
    EventRow,
    IdempotencyRow,
    JsonObject,
    MessageRow,
    NewTicket,
    OutboxRow,
    TicketChanges,
    TicketRow,
)

_DECISION: Final = tuple(field.name for field in fields(Decision))
_EXPLANATION: Final = tuple(field.name for field in fields(Explanation))


def to_new_ticket(
    outcome: Outcome, outbox: tuple[OutboxRow, ...] = (), idempotency: IdempotencyRow | None = None
) -> NewTicket:
    """Returns everything that is written about a ticket the desk has handled."""
    return NewTicket(
        ticket=to_ticket_row(outcome),
        messages=tuple(to_message_row(message) for message in outcome.messages),
        events=tuple(to_event_row(event) for event in outcome.events),
        outbox=outbox,
        explanation=_shallow(outcome.explanation, _EXPLANATION),
        customer=to_customer_row(outcome.ticket.customer, outcome.ticket.created_at),
        idempotency=idempotency,
    )


def to_ticket_row(outcome: Outcome) -> TicketRow:
    """Returns the row of a handled ticket."""
    ticket = outcome.ticket
    changes = to_changes(ticket)
    changes["decision"] = _shallow(outcome.decision, _DECISION)
    return TicketRow(
        id=ticket.id,
        channel=ticket.channel,
        source_id=ticket.source_id,
        customer_id=ticket.customer.id,
        customer_tier=ticket.customer.tier,
        subject=ticket.subject,
        language=ticket.language,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        model_version=ticket.model_version,
        index_version=ticket.index_version,
        **changes,
    )


def to_changes(ticket: Ticket) -> TicketChanges:
    """Returns every field of a ticket that may change."""
    return {
        "status": ticket.status,
        "priority": ticket.priority,
        "category": ticket.category,
        "topic": ticket.topic,
        "sentiment": ticket.sentiment,
        "urgent": ticket.urgent,
        "queue": ticket.queue,
        "auto_resolved": ticket.auto_resolved,
        "article_id": ticket.article_id,
        "article_language": ticket.article_language,
        "resolution_probability": ticket.resolution_probability,
        "rule_id": ticket.rule_id,
        "escalation_reasons": ticket.escalation_reasons,
        "resolution_attempts": ticket.attempts,
        "resolution_notes": ticket.resolution_notes,
        "first_response_due_at": ticket.sla.first_response_due,
        "resolution_due_at": ticket.sla.resolution_due,
        "escalate_due_at": ticket.sla.escalate_at,
        "first_responded_at": ticket.sla.first_responded_at,
        "resolved_at": ticket.resolved_at,
        "metadata": ticket.metadata,
    }


def to_correction_row(correction: Correction, event: Event) -> CorrectionRow:
    """Returns the row of a correction that `event` records."""
    return CorrectionRow(
        actor=event.actor,
        at=event.at,
        category=correction.category,
        topic=correction.topic,
        sentiment=correction.sentiment,
        urgent=correction.urgent,
        article_id=correction.article_id,
        no_article=correction.no_article,
        note=correction.note or None,
        model_version=event.model_version,
        index_version=event.index_version,
    )


def to_message_row(message: Message) -> MessageRow:
    """Returns the row of a message."""
    return MessageRow(
        direction=Direction(message.direction),
        author=message.author,
        body=message.text,
        original=message.original,
        language=message.language,
        automatic=message.automatic,
        article_id=message.article_id,
        at=message.sent_at,
    )


def to_event_row(event: Event, cause: str = "") -> EventRow:
    """Returns the row of an event."""
    return EventRow(
        type=event.kind,
        actor=event.actor,
        cause=cause,
        at=event.at,
        data=event.detail,
        model_version=event.model_version,
        index_version=event.index_version,
    )


def to_customer_row(customer: Customer, created_at: datetime) -> CustomerRow:
    """Returns the row of a customer."""
    return CustomerRow(
        id=customer.id,
        created_at=created_at,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        tier=customer.tier,
        language=customer.language,
        timezone=customer.timezone,
        lifetime_value=customer.lifetime_value,
        satisfaction_score=customer.satisfaction_score,
        preferred_channel=customer.preferred_channel,
        tags=customer.tags,
    )


def to_domain_customer(row: CustomerRow, counts: tuple[int, int] = (0, 0)) -> Customer:
    """Returns a customer; `counts` are all and the open tickets."""
    return Customer(
        id=row.id,
        name=row.name or "",
        email=row.email or "",
        phone=row.phone or "",
        tier=Tier(row.tier),
        language=row.language,
        timezone=row.timezone or "UTC",
        lifetime_value=row.lifetime_value,
        satisfaction_score=row.satisfaction_score,
        total_tickets=counts[0],
        open_tickets=counts[1],
        preferred_channel=Channel(row.preferred_channel) if row.preferred_channel else None,
        tags=row.tags,
    )


def to_domain_ticket(row: TicketRow, customer: Customer) -> Ticket:
    """Returns the ticket of a row."""
    return Ticket(
        id=row.id,
        customer=customer,
        channel=Channel(row.channel),
        subject=row.subject,
        language=row.language,
        status=Status(row.status),
        priority=Priority(row.priority),
        category=Category(row.category),
        topic=row.topic or "",
        sentiment=Sentiment(row.sentiment),
        urgent=row.urgent,
        created_at=row.created_at,
        updated_at=row.updated_at,
        sla=to_clock(row),
        auto_resolved=row.auto_resolved,
        attempts=row.resolution_attempts,
        article_id=row.article_id,
        article_language=row.article_language,
        resolution_probability=row.resolution_probability,
        queue=row.queue,
        rule_id=row.rule_id,
        escalation_reasons=row.escalation_reasons,
        resolved_at=row.resolved_at,
        resolution_notes=row.resolution_notes or "",
        source_id=row.source_id,
        metadata=row.metadata,
        model_version=row.model_version or "",
        index_version=row.index_version or "",
    )


def to_clock(row: TicketRow) -> SlaClock:
    """Returns the deadlines of a row."""
    return SlaClock(
        started_at=row.created_at,
        first_response_due=row.first_response_due_at or row.created_at,
        resolution_due=row.resolution_due_at or row.created_at,
        escalate_at=row.escalate_due_at or row.created_at,
        first_responded_at=row.first_responded_at,
        resolved_at=row.resolved_at,
    )


def _shallow(record: Decision | Explanation, names: tuple[str, ...]) -> JsonObject:
    """Returns the fields of a record as they are; orjson writes what is nested in them."""
    return {name: getattr(record, name) for name in names}

"""From rows and outcomes to the bodies of answers, as plain dictionaries for orjson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from serving.domain.decision import Reason
from serving.domain.outcome import Outcome
from serving.storage.from_domain import to_message_row
from serving.storage.records import Direction, MessageRow, Page, StoredTicket, TicketRow

SAME_NAME = (
    "status", "auto_resolved", "customer_id", "customer_tier", "channel", "subject", "category", "topic",
    "priority", "sentiment", "urgent", "language", "queue", "assignee", "article_id", "article_language",
    "resolution_notes", "first_response_due_at", "resolution_due_at", "first_responded_at", "resolved_at",
    "created_at", "updated_at", "source_id", "metadata", "version",
)  # fmt: skip
"""Fields of a row that the API calls the same."""
JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def to_json(body: object) -> bytes:
    """Returns JSON text; times end in ``Z``."""
    return orjson.dumps(body, option=JSON_OPTIONS)


def resolution_seconds(row: TicketRow) -> float | None:
    """Returns how long the resolution took, None while the ticket is open."""
    return (row.resolved_at - row.created_at).total_seconds() if row.resolved_at else None


def sla_compliant(row: TicketRow, now: datetime) -> bool:
    """Returns whether neither the first response nor the resolution is, or came, too late."""
    response = (row.first_responded_at or now, row.first_response_due_at)
    resolution = (row.resolved_at or now, row.resolution_due_at)
    return all(due is None or at <= due for at, due in (response, resolution))


def created_body(
    row: TicketRow, messages: Sequence[MessageRow], reasons: object, now: datetime
) -> dict[str, Any]:
    """Returns a `TicketCreated`."""
    return {
        "ticket_id": row.id,
        "status": row.status,
        "auto_resolved": row.auto_resolved,
        "resolution_time_seconds": resolution_seconds(row),
        "sla_compliant": sla_compliant(row, now),
        "category": row.category,
        "topic": row.topic,
        "priority": row.priority,
        "sentiment": row.sentiment,
        "urgent": row.urgent,
        "language": row.language,
        "queue": row.queue,
        "article_id": row.article_id,
        "article_language": row.article_language,
        "reply": last_reply(messages),
        "reasons": reasons,
        "first_response_due_at": row.first_response_due_at,
        "resolution_due_at": row.resolution_due_at,
        "created_at": row.created_at,
        "version": row.version,
    }


def stored_body(stored: StoredTicket, now: datetime) -> dict[str, Any]:
    """Returns a `TicketCreated` of a ticket that was there already."""
    reasons = stored.ticket.decision.get("gate", {}).get("reasons", [])
    return created_body(stored.ticket, stored.messages, reasons, now)


def line_body(row: TicketRow, now: datetime) -> dict[str, Any]:
    """Returns a `TicketLine`."""
    body: dict[str, Any] = {
        "ticket_id": row.id,
        "resolution_time_seconds": resolution_seconds(row),
        "sla_compliant": sla_compliant(row, now),
    }
    return body | {name: getattr(row, name) for name in SAME_NAME}


def details_body(stored: StoredTicket, now: datetime) -> dict[str, Any]:
    """Returns a `TicketDetails`."""
    messages = [_message_body(message) for message in stored.messages]
    rating = stored.rating.rating if stored.rating else None
    return line_body(stored.ticket, now) | {"messages": messages, "rating": rating}


def _message_body(message: MessageRow) -> dict[str, Any]:
    return {
        "direction": message.direction,
        "author": message.author,
        "body": message.original or message.body,
        "language": message.language,
        "at": message.at,
    }


def page_body(page: Page, now: datetime) -> dict[str, Any]:
    """Returns a `TicketPage`."""
    return {"tickets": [line_body(row, now) for row in page.tickets], "next_cursor": page.next_cursor}


def last_reply(messages: Sequence[MessageRow]) -> str | None:
    """Returns what was last sent to the customer."""
    return next((m.body for m in reversed(messages) if m.direction is Direction.OUTBOUND), None)


def classification_body(outcome: Outcome, given_id: str | None) -> dict[str, Any]:
    """Returns a `Classification`."""
    found = outcome.explanation
    return {
        "id": given_id,
        "language": found.language,
        "category": found.category.value,
        "category_probability": found.category.probability,
        "topic": found.topic.value,
        "topic_probability": found.topic.probability,
        "sentiment": found.sentiment.value,
        "sentiment_probability": found.sentiment.probability,
        "urgent": found.urgent.value == "true",
        "urgent_probability": found.urgent.probability,
        "categories": dict(found.categories),
        "out_of_scope": found.out_of_scope,
        "model_version": found.model_version,
    }


def retrieval_body(outcome: Outcome, given_id: str | None) -> dict[str, Any]:
    """Returns a `Retrieval`."""
    found = outcome.explanation
    return {
        "id": given_id,
        "language": found.language,
        "articles": list(found.proposals),
        "index_version": found.index_version,
    }


def resolution_body(outcome: Outcome, given_id: str | None) -> dict[str, Any]:
    """Returns a `Resolution`."""
    found = outcome.explanation
    return {
        "id": given_id,
        "language": found.language,
        "category": found.category.value,
        "decision": outcome.decision.action,
        "article_id": found.article_id,
        "article_language": found.article_language,
        "resolution_probability": found.probability,
        "threshold": found.threshold,
        "reply": _reply(outcome),
        "reasons": _reasons(outcome.decision.reasons),
        "model_version": found.model_version,
        "index_version": found.index_version,
    }


def routing_body(outcome: Outcome, given_id: str | None) -> dict[str, Any]:
    """Returns a `Routing`."""
    decision, ticket = outcome.decision, outcome.ticket
    route, escalation = decision.route, decision.escalation
    return {
        "id": given_id,
        "language": ticket.language,
        "category": ticket.category,
        "decision": decision.action,
        "queue": ticket.queue,
        "rule": ticket.rule_id,
        "priority": ticket.priority,
        "reasons": _reasons((*decision.reasons, *(escalation.reasons if escalation else ()))),
        "notify": list(route.notify) if route else [],
        "skills": list(route.skills) if route else [],
        "first_response_due_at": ticket.sla.first_response_due,
        "resolution_due_at": ticket.sla.resolution_due,
    }


def _reasons(reasons: Sequence[Reason]) -> list[Mapping[str, str]]:
    return [{"code": reason.code, "sentence": reason.sentence} for reason in reasons]


def _reply(outcome: Outcome) -> str | None:
    if not outcome.ticket.auto_resolved:
        return None
    return last_reply([to_message_row(message) for message in outcome.messages])

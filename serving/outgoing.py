"""What a handled ticket sets in motion outside: outbox rows, written in the ticket's own transaction."""

from __future__ import annotations

from collections.abc import Iterator

from serving.domain.outcome import Outcome
from serving.domain.ticket import Direction
from serving.storage.records import OutboxRow

REPLY = "reply"
NOTICE = "notice"


def outbox_rows(outcome: Outcome) -> tuple[OutboxRow, ...]:
    """Returns the reply to the customer, and a notice for each address that the routing rule names."""
    return (*_replies(outcome), *_notices(outcome))


def _replies(outcome: Outcome) -> Iterator[OutboxRow]:
    ticket = outcome.ticket
    sent = [message for message in outcome.messages if message.direction is Direction.OUTBOUND]
    for number, message in enumerate(sent):
        payload = {
            "channel": ticket.channel,
            "customer_id": ticket.customer.id,
            "email": ticket.customer.email or None,
            "subject": ticket.subject,
            "language": message.language,
            "body": message.text,
            "automatic": message.automatic,
        }
        yield OutboxRow(kind=REPLY, key=f"{ticket.id}:{REPLY}:{number}", payload=payload)


def _notices(outcome: Outcome) -> Iterator[OutboxRow]:
    ticket, route = outcome.ticket, outcome.decision.route
    for address in route.notify if route else ():
        payload = {
            "to": address,
            "queue": ticket.queue,
            "rule": ticket.rule_id,
            "priority": ticket.priority,
            "category": ticket.category,
            "customer_tier": ticket.customer.tier,
            "reasons": list(ticket.escalation_reasons),
            "resolution_due_at": ticket.sla.resolution_due,
        }
        yield OutboxRow(kind=NOTICE, key=f"{ticket.id}:{NOTICE}:{address}", payload=payload)

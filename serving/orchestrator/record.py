"""A handled message as the store keeps it: ticket, messages, events and explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from serving.domain.decision import Action, Decision
from serving.domain.events import Event, EventKind
from serving.domain.outcome import Explanation, Outcome, Probable, Proposal
from serving.domain.sla import SlaClock
from serving.domain.ticket import Direction, Message, Status, Ticket
from serving.orchestrator.gate import WITH_PEOPLE
from serving.orchestrator.sla import SlaPlan
from serving.orchestrator.understanding import Understood

ROUTER = "router"


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that is known of one handled message.

    Attributes:
        text: what the customer is told, if anything.
        now: when it was handled; it came in at `item.intake.received_at`.
    """

    ticket_id: str
    item: Understood
    decision: Decision
    plan: SlaPlan
    text: str | None
    now: datetime

    @property
    def answered(self) -> bool:
        """Whether an article answers it."""
        return self.decision.action is Action.AUTO_RESOLVE

    @property
    def stays_with_people(self) -> bool:
        """Whether it continues a ticket that people already have."""
        prior = self.item.intake.prior
        return prior is not None and prior.status in WITH_PEOPLE


class Actor(Protocol):
    """Whoever signs an event."""

    @property
    def id(self) -> str: ...  # noqa: D102


class Team(Protocol):
    """The agents that sign the events."""

    @property
    def inquiries(self) -> Actor: ...  # noqa: D102
    @property
    def exceptions(self) -> Actor: ...  # noqa: D102
    @property
    def resolution(self) -> Actor: ...  # noqa: D102


def record_outcome(record: Record, team: Team) -> Outcome:
    """Returns the outcome of a handled message."""
    return Outcome(
        ticket=_ticket(record),
        messages=_messages(record, team),
        events=_events(record, team),
        decision=record.decision,
        explanation=_explanation(record),
    )


def _ticket(record: Record) -> Ticket:
    item, decision, now = record.item, record.decision, record.now
    intake, prior, route = item.intake, item.intake.prior, decision.route
    reasons = decision.escalation.reasons if decision.escalation else ()
    return Ticket(
        id=record.ticket_id,
        customer=intake.customer,
        channel=intake.channel,
        subject=prior.subject if prior else intake.subject,
        language=item.reading.language,
        status=_status(record),
        priority=decision.priority,
        category=item.category,
        topic=item.reading.topic.value,
        sentiment=item.sentiment,
        urgent=item.reading.is_urgent,
        created_at=prior.created_at if prior else intake.received_at,
        updated_at=now,
        sla=_clock(record),
        auto_resolved=record.answered,
        attempts=(prior.attempts if prior else 0) + record.answered,
        article_id=item.verdict.article_id if record.answered else (prior.article_id if prior else None),
        article_language=_article_language(record),
        resolution_probability=item.verdict.probability,
        queue=route.queue if route else None,
        rule_id=route.rule_id if route else None,
        escalation_reasons=tuple(reason.code for reason in reasons),
        resolved_at=now if record.answered else None,
        source_id=prior.source_id if prior else intake.source_id,
        metadata=prior.metadata if prior else intake.metadata,
        model_version=item.model_version,
        index_version=item.index_version,
    )


def _status(record: Record) -> Status:
    prior = record.item.intake.prior
    if prior is not None and record.stays_with_people:
        return prior.status
    return Status.RESOLVED if record.answered else Status.ESCALATED


def _article_language(record: Record) -> str | None:
    prior = record.item.intake.prior
    if record.answered:
        return record.item.verdict.article_language
    return prior.article_language if prior else None


def _clock(record: Record) -> SlaClock:
    """Returns the new clock; people who have the ticket keep theirs, and a first response stays given."""
    prior = record.item.intake.prior
    if prior is not None and record.stays_with_people:
        return prior.sla
    responded = prior.sla.first_responded_at if prior else None
    if record.answered:
        return replace(record.plan.clock, first_responded_at=responded or record.now, resolved_at=record.now)
    return replace(record.plan.clock, first_responded_at=responded) if responded else record.plan.clock


def _messages(record: Record, team: Team) -> tuple[Message, ...]:
    item = record.item
    inbound = Message(
        ticket_id=record.ticket_id,
        direction=Direction.INBOUND,
        author=item.intake.customer.id,
        text=item.intake.message,
        language=item.reading.language,
        sent_at=item.intake.received_at,
        original=item.intake.original,
    )
    if record.text is None:
        return (inbound,)
    outbound = Message(
        ticket_id=record.ticket_id,
        direction=Direction.OUTBOUND,
        author=team.resolution.id,
        text=record.text,
        language=item.reading.language,
        sent_at=record.now,
        automatic=True,
        article_id=item.verdict.article_id if record.answered else None,
    )
    return inbound, outbound


def _events(record: Record, team: Team) -> tuple[Event, ...]:
    item, decision = record.item, record.decision
    route, escalation = decision.route, decision.escalation
    events = [
        _arrival(record, team),
        _event(record, EventKind.TICKET_READ, team.inquiries, _what_was_read(record)),
    ]
    if route is None or escalation is None:
        detail = {
            "article_id": item.verdict.article_id,
            "article_language": item.verdict.article_language,
            "probability": item.verdict.probability,
            "threshold": decision.gate.threshold,
        }
        return (*events, _event(record, EventKind.AUTO_RESOLVED, team.resolution, detail))
    routed = {
        "queue": route.queue,
        "rule": route.rule_id,
        "priority": route.priority,
        "gate": [reason.code for reason in decision.reasons],
        "escalation": [reason.code for reason in escalation.reasons],
    }
    events.append(_event(record, EventKind.ROUTED, ROUTER, routed))
    if escalation.exception and not record.stays_with_people:
        because = [reason.sentence for reason in escalation.reasons]
        events.append(_event(record, EventKind.ESCALATED, team.exceptions, {"because": because}))
    return tuple(events)


def _arrival(record: Record, team: Team) -> Event:
    intake = record.item.intake
    kind = EventKind.MESSAGE_RECEIVED if intake.prior else EventKind.TICKET_CREATED
    detail = {"channel": intake.channel, "customer_id": intake.customer.id}
    return _event(record, kind, team.inquiries, detail, intake.received_at)


def _what_was_read(record: Record) -> Mapping[str, object]:
    reading = record.item.reading
    return {
        "language": reading.language,
        "category": reading.category.value,
        "topic": reading.topic.value,
        "sentiment": reading.sentiment.value,
        "urgent": reading.is_urgent,
        "priority": record.decision.base.priority,
    }


def _event(
    record: Record,
    kind: EventKind,
    actor: Actor | str,
    detail: Mapping[str, object],
    at: datetime | None = None,
) -> Event:
    return Event(
        ticket_id=record.ticket_id,
        kind=kind,
        at=at or record.now,
        actor=actor if isinstance(actor, str) else actor.id,
        model_version=record.item.model_version,
        index_version=record.item.index_version,
        detail=detail,
    )


def _explanation(record: Record) -> Explanation:
    item, reading, verdict = record.item, record.item.reading, record.item.verdict
    return Explanation(
        language=reading.language,
        category=Probable(reading.category.value, reading.category.probability),
        topic=Probable(reading.topic.value, reading.topic.probability),
        sentiment=Probable(reading.sentiment.value, reading.sentiment.probability),
        urgent=Probable(reading.urgent.value, reading.urgent.probability),
        categories=reading.categories,
        out_of_scope=reading.out_of_scope,
        proposals=tuple(
            Proposal(h.article_id, h.language, h.title, float(h.score), float(h.dense), float(h.lexical))
            for h in item.hits
        ),
        article_id=verdict.article_id,
        article_language=verdict.article_language,
        probability=verdict.probability,
        threshold=record.decision.gate.threshold,
        decision=record.decision,
        sla_bounds=record.plan.bounds,
        sla_from=record.plan.won_by,
        model_version=item.model_version,
        index_version=item.index_version,
    )

"""The order of the work on a ticket.

read → search → judge → priority → gate → answer or route → service level → record. Everything here is pure
but for the clock and the ids; nothing is stored: the caller hands the outcomes to the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from serving.agents import (
    HandleServiceExceptionsCustomerServiceAgent,
    ManageCustomerInquiriesCustomerServiceAgent,
    MeasureCustomerSatisfactionCustomerServiceAgent,
    MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent,
    ResolveCustomerIssuesCustomerServiceAgent,
)
from serving.agents.exceptions import HandOver
from serving.agents.operations import Kpis
from serving.domain.clock import SystemClock
from serving.domain.correction import Catalogue, Correction
from serving.domain.decision import Action, Decision, GateResult, PriorityScore, Route
from serving.domain.events import Event, EventKind
from serving.domain.ids import RandomIds
from serving.domain.intake import Incoming, Intake
from serving.domain.outcome import Outcome
from serving.domain.ports import Clock, Ids
from serving.domain.satisfaction import Rating
from serving.domain.ticket import PRIORITIES, Status, Ticket
from serving.domain.transitions import change_status
from serving.orchestrator.gate import WITH_PEOPLE, Gate, GateCase
from serving.orchestrator.ports import KnowledgeSource, Models
from serving.orchestrator.record import Record, record_outcome
from serving.orchestrator.routing import Router, RoutingCase
from serving.orchestrator.sla import SlaState, plan_sla, read_clock
from serving.orchestrator.understanding import Understood, understand
from serving.replies.compose import ReplyWriter
from serving.settings.settings import Settings


@dataclass(frozen=True)
class DeskPorts:
    """What a desk works with.

    Attributes:
        topic_articles: the article of each topic, None where only people may handle it.
        topic_categories: the category of each topic.
        standings: success rate of each article (id and language) with an outcome; may be a live view.
    """

    models: Models
    knowledge: KnowledgeSource
    topic_articles: Mapping[str, str | None]
    topic_categories: Mapping[str, str] = field(default_factory=dict)
    standings: Mapping[tuple[str, str], float] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=RandomIds)


class Desk:
    """Handles tickets under one set of settings, with the five agents."""

    def __init__(self, settings: Settings, ports: DeskPorts) -> None:
        self._settings = settings
        self._ports = ports
        self._router = Router(settings.routing)
        self.inquiries = ManageCustomerInquiriesCustomerServiceAgent(
            settings.intake, settings.channels, settings.priority
        )
        self.exceptions = HandleServiceExceptionsCustomerServiceAgent(settings.escalation)
        self.resolution = ResolveCustomerIssuesCustomerServiceAgent(
            Gate(settings.gate, settings.channels, ports.topic_articles),
            ReplyWriter(settings.replies, settings.channels),
            ports.standings,
        )
        self.satisfaction = MeasureCustomerSatisfactionCustomerServiceAgent(
            settings.satisfaction, settings.gate.article_success
        )
        self.operations = MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent(settings.costs)

    def accept(self, incoming: Incoming) -> Intake:
        """Returns a message ready to be handled.

        Raises:
            IntakeError: it cannot become a ticket.
        """
        return self.inquiries.take_in(incoming, self._ports.clock.now())

    def handle(self, intakes: Sequence[Intake]) -> list[Outcome]:
        """Returns what became of each message, in their order."""
        understood = self.understand(intakes)
        now = self._ports.clock.now()
        return [self._settle(item, now) for item in understood]

    def understand(self, intakes: Sequence[Intake]) -> list[Understood]:
        """Returns what the models and the index make of each message."""
        knowledge = self._ports.knowledge.current()
        return understand(intakes, self._ports.models, knowledge, self._settings.index.candidates)

    def decide(self, item: Understood) -> Decision:
        """Returns whether a message is answered, and where it goes otherwise."""
        base = self.inquiries.triage(item.intake, item.reading)
        gate = self.resolution.examine(self._gate_case(item, base))
        if gate.open:
            return Decision(Action.AUTO_RESOLVE, base, gate)
        hand_over = HandOver(item.intake.customer.tier, item.category, item.sentiment, base.priority, gate)
        return Decision(Action.ROUTE, base, gate, self._route(item, base), self.exceptions.assess(hand_over))

    def rate(self, ticket: Ticket, rating: int, feedback: str = "") -> tuple[Rating, Event]:
        """Returns what a customer's rating means, and the event that records it.

        Raises:
            RatingError: the rating is outside its scale.
        """
        now = self._ports.clock.now()
        rated = self.satisfaction.rate(ticket, rating, feedback, now)
        detail = {"rating": rated.rating, "satisfied": rated.satisfied, "nps": rated.nps}
        return rated, _event(ticket, EventKind.RATED, now, self.satisfaction.id, detail)

    def relearn(self, success_rate: float | None, rating: int, replaced: int | None) -> float:
        """Returns the success rate of the article that answered a ticket after the customer's rating.

        Args:
            success_rate: the one before, None without an outcome.
            rating: 0 to 10.
            replaced: the ticket's earlier rating, None if this is the first.
        """
        return self.satisfaction.relearn(success_rate, rating, replaced)

    def change(self, ticket: Ticket, wanted: Status, actor: str, notes: str = "") -> tuple[Ticket, Event]:
        """Returns the ticket with another status, and the event that records it.

        Raises:
            TransitionError: the change is not allowed.
        """
        now = self._ports.clock.now()
        changed = change_status(ticket, wanted, now, notes)
        detail = {"from": ticket.status, "to": changed.status, "notes": notes}
        return changed, _event(ticket, EventKind.STATUS_CHANGED, now, actor, detail)

    def correct(self, ticket: Ticket, given: Correction, actor: str) -> tuple[Ticket, Correction, Event]:
        """Returns the ticket with the labels a person gives, those labels made complete, and the event.

        Raises:
            CorrectionError: the labels say nothing, are unknown, or contradict each other.
        """
        ports, now = self._ports, self._ports.clock.now()
        known = {article_id for article_id, _ in ports.knowledge.current().articles}
        complete = Catalogue(ports.topic_articles, ports.topic_categories, known).complete(given)
        corrected = replace(
            ticket,
            category=complete.category or ticket.category,
            topic=complete.topic or ticket.topic,
            sentiment=complete.sentiment or ticket.sentiment,
            urgent=ticket.urgent if complete.urgent is None else complete.urgent,
            updated_at=now,
        )
        detail = {"before": _labels(ticket), "after": _labels(corrected), "article_id": complete.article_id}
        return corrected, complete, _event(ticket, EventKind.CORRECTED, now, actor, detail)

    def check_sla(self, ticket: Ticket) -> SlaState:
        """Returns how a ticket stands against its promises now."""
        return read_clock(self._settings.sla, ticket.sla, self._ports.clock.now())

    def measure(self, tickets: Iterable[Ticket]) -> Kpis:
        """Returns the key figures of `tickets` as they stand now."""
        return self.operations.measure(tickets, self._ports.clock.now())

    def _gate_case(self, item: Understood, base: PriorityScore) -> GateCase:
        prior = item.intake.prior
        return GateCase(
            channel=item.intake.channel,
            language=item.reading.language,
            words=item.words,
            topic=item.reading.topic.value,
            sentiment=item.sentiment,
            priority=base.priority,
            verdict=item.verdict,
            prior_status=prior.status if prior else None,
            attempts=prior.attempts if prior else 0,
            article_success=self.resolution.article_success(
                item.verdict.article_id, item.verdict.article_language
            ),
            article_exists=item.article is not None,
        )

    def _route(self, item: Understood, base: PriorityScore) -> Route:
        prior = item.intake.prior
        if prior is not None and prior.queue is not None and prior.status in WITH_PEOPLE:
            return _kept_route(prior, base)
        return self._router.route(
            RoutingCase(
                tier=item.intake.customer.tier,
                category=item.category,
                sentiment=item.sentiment,
                channel=item.intake.channel,
                language=item.reading.language,
                words=item.words,
                priority=base.priority,
            )
        )

    def _settle(self, item: Understood, now: datetime) -> Outcome:
        decision = self.decide(item)
        prior, route = item.intake.prior, decision.route
        ticket_id = prior.id if prior else self._ports.ids.ticket_id(item.intake.received_at)
        plan = plan_sla(
            self._settings.sla,
            item.intake.channel,
            decision.priority,
            item.intake.customer.tier,
            prior.created_at if prior else item.intake.received_at,
            (route.rule_id, route.sla_hours) if route and route.sla_hours is not None else None,
        )
        minutes = (plan.clock.first_response_due - plan.clock.started_at).total_seconds() / 60
        text = self._write(item, decision.gate, ticket_id, minutes)
        return record_outcome(Record(ticket_id, item, decision, plan, text, now), self)

    def _write(self, item: Understood, gate: GateResult, ticket_id: str, minutes: float) -> str | None:
        """Returns what the customer is told; nothing twice to one whom a person already looks after."""
        intake = item.intake
        if gate.open and item.article is not None:
            return self.resolution.answer(item.article, intake, item.reading.language, ticket_id)
        with_people = intake.prior is not None and intake.prior.status in WITH_PEOPLE
        if with_people or not self.resolution.may_write(intake.channel):
            return None
        language = item.reading.language
        return self.resolution.acknowledge(intake, language, ticket_id, minutes)


def _kept_route(prior: Ticket, base: PriorityScore) -> Route:
    """Returns the route of a further message on a ticket that people have: they keep it."""
    return Route(
        rule_id=prior.rule_id or "",
        queue=prior.queue or "",
        priority=min(prior.priority, base.priority, key=PRIORITIES.index),
        raised_by=0,
        sla_hours=None,
        because=("the ticket is already in this queue",),
        skipped=(),
    )


def _labels(ticket: Ticket) -> dict[str, object]:
    return {
        "category": ticket.category,
        "topic": ticket.topic,
        "sentiment": ticket.sentiment,
        "urgent": ticket.urgent,
    }


def _event(ticket: Ticket, kind: EventKind, now: datetime, actor: str, detail: Mapping[str, object]) -> Event:
    return Event(ticket.id, kind, now, actor, ticket.model_version, ticket.index_version, detail)

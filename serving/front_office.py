"""What the service does for a caller, free of HTTP: batches through the desk, writes, reads, counts, logs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from serving.api.wire.projections import created_body, stored_body, to_json
from serving.batching import MicroBatcher
from serving.domain.correction import Correction
from serving.domain.events import Event, EventKind
from serving.domain.intake import Incoming, Intake
from serving.domain.outcome import Outcome
from serving.domain.ports import Clock
from serving.domain.satisfaction import Rating
from serving.domain.ticket import Customer, Status, Ticket, Tier
from serving.observability.logs import get_log
from serving.observability.metrics import Metrics
from serving.outgoing import outbox_rows
from serving.storage.errors import ConflictError, TicketIdTakenError
from serving.storage.from_domain import (
    to_changes,
    to_correction_row,
    to_domain_ticket,
    to_event_row,
    to_new_ticket,
)
from serving.storage.records import (
    CorrectionRow,
    EventRow,
    IdempotencyRow,
    JsonObject,
    Lesson,
    NewTicket,
    Page,
    RatingRow,
    StoredTicket,
    TicketChanges,
    TicketQuery,
    TicketRow,
    Written,
)
from serving.storage.records import Outcome as WriteOutcome

ATTEMPTS = 4
PERSON = "person"


class Store(Protocol):
    """Where tickets are kept; a write returns after the commit."""

    async def write(self, bundle: NewTicket) -> Written:
        """Writes a new ticket, or says that it is there already."""
        ...

    async def get(self, ticket_id: str) -> StoredTicket:
        """Returns a ticket; raises `TicketNotFoundError`."""
        ...

    async def explanation(self, ticket_id: str) -> JsonObject:
        """Returns why a ticket was handled as it was; raises `TicketNotFoundError`."""
        ...

    async def find(self, query: TicketQuery) -> Page:
        """Returns one page; raises `CursorError`."""
        ...

    async def update(
        self, ticket_id: str, expected_version: int, changes: TicketChanges, events: Sequence[EventRow]
    ) -> TicketRow:
        """Changes a ticket of a known version; raises `ConflictError`, `TicketNotFoundError`."""
        ...

    async def correct(
        self,
        ticket_id: str,
        expected_version: int,
        changes: TicketChanges,
        event: EventRow,
        correction: CorrectionRow,
    ) -> TicketRow:
        """Stores a correction with its ticket's change; raises `ConflictError`, `TicketNotFoundError`."""
        ...

    async def corrections(self, ticket_id: str) -> Sequence[CorrectionRow]:
        """Returns the corrections of a ticket, oldest first; raises `TicketNotFoundError`."""
        ...

    async def rate(self, ticket_id: str, rating: RatingRow, event: EventRow, lesson: Lesson | None) -> None:
        """Stores a rating, in place of an earlier one, and what it teaches; raises `TicketNotFoundError`."""
        ...

    def healthy(self) -> bool:
        """Returns whether the database answers."""
        ...


class Rules(Protocol):
    """What needs no model: the part of the desk that one request asks by itself."""

    def accept(self, incoming: Incoming) -> Intake:
        """Returns a message ready to be handled; raises `IntakeError`."""
        ...

    def rate(self, ticket: Ticket, rating: int, feedback: str = "") -> tuple[Rating, Event]:
        """Returns what a rating means, and its event; raises `RatingError`."""
        ...

    def relearn(self, success_rate: float | None, rating: int, replaced: int | None) -> float:
        """Returns an article's success rate after a rating, which may replace an earlier one."""
        ...

    def correct(self, ticket: Ticket, given: Correction, actor: str) -> tuple[Ticket, Correction, Event]:
        """Returns the ticket with a person's labels, the labels made complete, and the event.

        Raises `CorrectionError`.
        """
        ...

    def change(self, ticket: Ticket, wanted: Status, actor: str, notes: str = "") -> tuple[Ticket, Event]:
        """Returns the ticket with another status, and its event; raises `TransitionError`."""
        ...


class Shadow(Protocol):
    """Lets a challenger read what the champion has handled."""

    def offer(self, intake: Intake, outcome: Outcome) -> None:
        """Takes a stored ticket; returns at once."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """One message for the batch.

    Attributes:
        tier_is_given: False where the tier is to be that of the stored customer.
    """

    intake: Intake
    tier_is_given: bool


@dataclass(frozen=True, slots=True)
class Created:
    """The answer to a new ticket, as JSON text."""

    body: bytes
    outcome: WriteOutcome
    ticket_id: str


@dataclass(frozen=True)
class FrontOffice:
    """Takes tickets in and gives them out."""

    rules: Callable[[], Rules]
    desk: MicroBatcher[Work, Outcome]
    store: Store
    metrics: Metrics
    clock: Clock
    shadow: Shadow | None = None

    async def create(
        self, incoming: Incoming, key: IdempotencyRow | None = None, *, tier_is_given: bool = False
    ) -> Created:
        """Returns the answer to a message after its ticket is committed.

        Args:
            incoming: the message.
            key: scope, key and hash of the request; its response is filled in here.
            tier_is_given: False where the stored customer's tier counts.
        """
        work = Work(self.rules().accept(incoming), tier_is_given)
        for attempt in range(1, ATTEMPTS + 1):
            outcome = await self.desk.submit(work)
            try:
                created = await self._write(outcome, key)
            except TicketIdTakenError:
                if attempt == ATTEMPTS:
                    raise
                continue
            if self.shadow is not None and created.outcome is WriteOutcome.CREATED:
                self.shadow.offer(replace(work.intake, customer=outcome.ticket.customer), outcome)
            return created
        raise AssertionError("unreachable")

    async def consider(self, questions: Sequence[Incoming]) -> list[Outcome]:
        """Returns what the desk would do with each message; nothing is stored."""
        work = [Work(self.rules().accept(question), tier_is_given=True) for question in questions]
        return list(await asyncio.gather(*(self.desk.submit(item) for item in work)))

    async def change(self, ticket_id: str, wanted: Status, notes: str, version: int | None) -> TicketRow:
        """Returns a ticket after its status has changed.

        Raises:
            TransitionError: the change is not allowed.
            ConflictError: somebody changed the ticket since `version`.
            TicketNotFoundError: there is no such ticket.
        """
        for attempt in range(1, ATTEMPTS + 1):
            row = (await self.store.get(ticket_id)).ticket
            if version is not None and row.version != version:
                raise ConflictError(ticket_id, version, row.version)
            before = _domain_ticket(row)
            after, event = self.rules().change(before, wanted, PERSON, notes)
            try:
                changed = await self.store.update(
                    ticket_id, row.version, _changes(after), [to_event_row(event, "api")]
                )
            except ConflictError:
                if version is not None or attempt == ATTEMPTS:
                    raise
                continue
            self._record_change(before, after)
            return changed
        raise AssertionError("unreachable")

    async def rate(self, ticket_id: str, rating: int, feedback: str) -> Rating:
        """Returns what a customer's rating means, after it is stored.

        Raises:
            TicketNotFoundError: there is no such ticket.
        """
        ticket = _domain_ticket((await self.store.get(ticket_id)).ticket)
        verdict, event = self.rules().rate(ticket, rating, feedback)
        row = RatingRow(rating=verdict.rating, at=verdict.rated_at, feedback=verdict.feedback or None)
        await self.store.rate(ticket_id, row, to_event_row(event, "api"), self._lesson(verdict))
        self.metrics.rated(satisfied=verdict.satisfied)
        get_log("satisfaction").info(event.kind, ticket_id=ticket_id, rating=rating)
        return verdict

    async def correct(self, ticket_id: str, given: Correction, actor: str) -> tuple[TicketRow, CorrectionRow]:
        """Returns a ticket after a person corrected what the models read, and the correction as it is kept.

        Raises:
            CorrectionError: the labels cannot be taken.
            TicketNotFoundError: there is no such ticket.
        """
        for attempt in range(1, ATTEMPTS + 1):
            row = (await self.store.get(ticket_id)).ticket
            after, complete, event = self.rules().correct(_domain_ticket(row), given, actor)
            correction = to_correction_row(complete, event)
            try:
                changed = await self.store.correct(
                    ticket_id, row.version, to_changes(after), to_event_row(event, "api"), correction
                )
            except ConflictError:
                if attempt == ATTEMPTS:
                    raise
                continue
            get_log("orchestrator").info(event.kind, ticket_id=ticket_id, model_version=row.model_version)
            return changed, correction
        raise AssertionError("unreachable")

    def _lesson(self, verdict: Rating) -> Lesson | None:
        outcome = verdict.article_outcome
        if outcome is None:
            return None

        def learn(success_rate: float | None, replaced: int | None) -> float:
            return self.rules().relearn(success_rate, verdict.rating, replaced)

        return Lesson(outcome.article_id, outcome.language, learn)

    async def _write(self, outcome: Outcome, key: IdempotencyRow | None) -> Created:
        bundle = to_new_ticket(outcome, outbox_rows(outcome))
        reasons = outcome.decision.reasons
        body = to_json(created_body(bundle.ticket, bundle.messages, reasons, self.clock.now()))
        if key is not None:
            bundle = replace(bundle, idempotency=replace(key, response=body.decode()))
        written = await self.store.write(bundle)
        if written.outcome is WriteOutcome.CREATED:
            self._record(outcome)
        elif written.response is not None:
            body = written.response.encode()
        else:
            body = to_json(stored_body(await self.store.get(written.ticket_id), self.clock.now()))
        return Created(body, written.outcome, written.ticket_id)

    def _record(self, outcome: Outcome) -> None:
        ticket = outcome.ticket
        self.metrics.ticket_received(ticket.channel, ticket.category)
        seconds = ticket.resolution_time_s
        if ticket.auto_resolved and seconds is not None:
            self.metrics.ticket_auto_resolved(ticket.category, seconds)
            self.metrics.deadline_judged(met=not ticket.sla.breached(ticket.updated_at))
        else:
            self.metrics.ticket_escalated(ticket.queue or "none")
        get_log("orchestrator").info(
            EventKind.TICKET_CREATED,
            ticket_id=ticket.id,
            customer_id=ticket.customer.id,
            category=ticket.category,
            priority=ticket.priority,
            channel=ticket.channel,
            language=ticket.language,
            decision=outcome.decision.action,
            queue=ticket.queue,
        )

    def _record_change(self, before: Ticket, after: Ticket) -> None:
        if before.status is not after.status:
            get_log("orchestrator").info(
                EventKind.STATUS_CHANGED,
                ticket_id=after.id,
                from_status=before.status,
                to_status=after.status,
            )
        if before.resolved_at is None and after.resolution_time_s is not None:
            self.metrics.ticket_resolved_by_person(after.resolution_time_s)
            self.metrics.deadline_judged(met=not after.sla.breached(after.updated_at))


def _domain_ticket(row: TicketRow) -> Ticket:
    return to_domain_ticket(row, Customer(id=row.customer_id or "", tier=Tier(row.customer_tier)))


def _changes(ticket: Ticket) -> TicketChanges:
    closed_at = ticket.updated_at if ticket.status is Status.CLOSED else None
    return {**to_changes(ticket), "closed_at": closed_at}

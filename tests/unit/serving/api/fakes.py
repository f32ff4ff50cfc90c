"""A running service in memory: a real front office around fake models and a fake store, asked over ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import orjson
from starlette.types import Receive, Scope, Send

from serving.api.app import create_app
from serving.api.front_door import FrontDoor
from serving.api.native import answer_questions
from serving.api.problems import Kind, ProblemError
from serving.api.wire.requests import Question
from serving.batching import BatchLimits, MicroBatcher
from serving.domain.intake import Intake
from serving.domain.outcome import Outcome as HandledOutcome
from serving.front_office import FrontOffice, Work
from serving.observability.metrics import Metrics
from serving.orchestrator.desk import Desk
from serving.storage.column_types import dump_json
from serving.storage.errors import (
    ConflictError,
    CursorError,
    IdempotencyConflictError,
    TicketIdTakenError,
    TicketNotFoundError,
)
from serving.storage.records import (
    CorrectionRow,
    EventRow,
    JsonObject,
    Lesson,
    NewTicket,
    Outcome,
    Page,
    RatingRow,
    StoredTicket,
    TicketChanges,
    TicketQuery,
    TicketRow,
    Written,
)
from tests.unit.serving.orchestrator.fakes import FakeModels, FixedClock, make_desk

MAX_BODY = 1_000_000
TICKET = {"customer_id": "CUST-001", "channel": "email", "message": "I forgot my password"}


@dataclass
class FakeStore:
    """Keeps tickets in a dictionary, with the promises of the real store."""

    tickets: dict[str, NewTicket] = field(default_factory=dict)
    ratings: dict[str, RatingRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    standings: dict[tuple[str, str], float] = field(default_factory=dict)
    corrected: dict[str, list[CorrectionRow]] = field(default_factory=dict)
    refuse_ids: int = 0
    conflicts: int = 0
    fails_with: Exception | None = None
    up: bool = True

    async def write(self, bundle: NewTicket) -> Written:
        if self.fails_with is not None:
            raise self.fails_with
        if self.refuse_ids:
            self.refuse_ids -= 1
            raise TicketIdTakenError(bundle.ticket.id)
        known = self._known(bundle)
        if known is None:
            self.tickets[bundle.ticket.id] = _as_stored(bundle)
            return Written(bundle.ticket.id, Outcome.CREATED)
        return known

    def _known(self, bundle: NewTicket) -> Written | None:
        for other in self.tickets.values():
            mine, theirs = bundle.idempotency, other.idempotency
            if mine and theirs and mine.key == theirs.key:
                if mine.request_hash != theirs.request_hash:
                    raise IdempotencyConflictError(mine.key)
                return Written(other.ticket.id, Outcome.REPLAYED, theirs.response)
            if bundle.ticket.source_id and bundle.ticket.source_id == other.ticket.source_id:
                return Written(other.ticket.id, Outcome.EXISTING)
        return None

    async def get(self, ticket_id: str) -> StoredTicket:
        found = self._find(ticket_id)
        return StoredTicket(
            ticket=found.ticket,
            messages=found.messages,
            events=found.events,
            rating=self.ratings.get(ticket_id),
        )

    async def explanation(self, ticket_id: str) -> JsonObject:
        return self._find(ticket_id).explanation

    async def find(self, query: TicketQuery) -> Page:
        if query.cursor == "broken":
            raise CursorError("the cursor 'broken' is none of ours")
        rows = [bundle.ticket for bundle in self.tickets.values()]
        wanted = [row for row in rows if query.status in {None, row.status}]
        return Page(tuple(wanted[: query.limit]), "next" if len(wanted) > query.limit else None)

    async def update(
        self, ticket_id: str, expected_version: int, changes: TicketChanges, events: Sequence[EventRow]
    ) -> TicketRow:
        found = self._find(ticket_id)
        if found.ticket.version != expected_version:
            raise ConflictError(ticket_id, expected_version, found.ticket.version)
        row = replace(found.ticket, **changes, version=expected_version + 1)
        self.tickets[ticket_id] = replace(found, ticket=row)
        self.events += events
        return row

    async def correct(
        self,
        ticket_id: str,
        expected_version: int,
        changes: TicketChanges,
        event: EventRow,
        correction: CorrectionRow,
    ) -> TicketRow:
        if self.conflicts:
            self.conflicts -= 1
            raise ConflictError(ticket_id, expected_version, expected_version + 1)
        row = await self.update(ticket_id, expected_version, changes, [event])
        self.corrected.setdefault(ticket_id, []).append(correction)
        return row

    async def corrections(self, ticket_id: str) -> Sequence[CorrectionRow]:
        self._find(ticket_id)
        return self.corrected.get(ticket_id, [])

    async def rate(self, ticket_id: str, rating: RatingRow, event: EventRow, lesson: Lesson | None) -> None:
        self._find(ticket_id)
        replaced = self.ratings.get(ticket_id)
        self.ratings[ticket_id] = rating
        self.events.append(event)
        if lesson is not None:
            article = (lesson.article_id, lesson.language)
            learnt = lesson.learn(self.standings.get(article), replaced.rating if replaced else None)
            self.standings[article] = learnt

    def healthy(self) -> bool:
        return self.up

    def _find(self, ticket_id: str) -> NewTicket:
        try:
            return self.tickets[ticket_id]
        except KeyError:
            raise TicketNotFoundError(ticket_id) from None


def _as_stored(bundle: NewTicket) -> NewTicket:
    """Returns the ticket as a database gives it back: JSON has become plain."""
    decision = orjson.loads(dump_json(bundle.ticket.decision))
    explanation = orjson.loads(dump_json(bundle.explanation))
    return replace(bundle, ticket=replace(bundle.ticket, decision=decision), explanation=explanation)


@dataclass
class FakeRunning:
    """What routes see of the running service."""

    front_office: FrontOffice
    metrics: Metrics
    max_body_bytes: int = MAX_BODY
    ready: bool = True

    async def office(self) -> FrontOffice:
        if not self.ready:
            raise ProblemError(Kind.NOT_READY, "models: is being opened", headers={"Retry-After": "2"})
        return self.front_office

    def parts(self) -> dict[str, str]:
        return {"database": "open", "models": "open" if self.ready else "is being opened", "index": "open"}


@dataclass
class Service:
    """The service as a caller sees it."""

    running: FakeRunning
    store: FakeStore
    desk: Desk
    door: FrontDoor

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Returns the answer to one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.door)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def create(self, **fields: Any) -> httpx.Response:
        """Returns the answer to a new ticket; a field that is None is left out."""
        body = {name: value for name, value in {**TICKET, **fields}.items() if value is not None}
        return self.ask("POST", "/api/v1/tickets", json=body)


@dataclass
class FakeShadow:
    """Remembers which tickets a challenger was given to read."""

    offered: list[tuple[str, str]] = field(default_factory=list)

    def offer(self, intake: Intake, outcome: HandledOutcome) -> None:
        self.offered.append((intake.message, outcome.ticket.id))


def make_service(
    models: FakeModels | None = None,
    limits: BatchLimits | None = None,
    store: FakeStore | None = None,
    shadow: FakeShadow | None = None,
) -> Service:
    store, metrics = store or FakeStore(), Metrics()
    desk = make_desk(models, standings=store.standings)

    def handle(work: list[Work]) -> Sequence[Any]:
        return desk.handle([item.intake for item in work])

    batcher: MicroBatcher[Work, Any] = MicroBatcher(handle, limits or BatchLimits(), metrics)
    office = FrontOffice(lambda: desk, batcher, store, metrics, FixedClock(), shadow)
    running = FakeRunning(office, metrics)
    return Service(running, store, desk, FrontDoor(FakeBentoml(running), create_app(running)))


@dataclass
class FakeBentoml:
    """Stands for BentoML's application: calls the native endpoint with a body that must be valid by now."""

    running: FakeRunning

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        value = orjson.loads((await receive())["body"])
        view = {"/classify": "classification", "/retrieve": "retrieval", "/resolve": "resolution"}
        many = isinstance(value, list)
        questions = (
            [Question.model_validate(item) for item in value] if many else Question.model_validate(value)
        )
        response = await answer_questions(self.running, questions, view.get(scope["path"], "routing"))
        await response(scope, receive, send)

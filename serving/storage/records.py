"""What is written to the storage and read from it: plain rows of strings, numbers, times and JSON.

The vocabulary (status, priority, …) is the domain's; the storage keeps it as text. Every time is aware and
comes back in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypedDict

JsonObject = Mapping[str, Any]


def utc_now() -> datetime:
    """Returns the present, aware, in UTC."""
    return datetime.now(UTC)


class Direction(StrEnum):
    """Which way a message went."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """Somebody who writes to the desk."""

    id: str
    created_at: datetime
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    tier: str = "standard"
    language: str | None = None
    timezone: str | None = None
    lifetime_value: float = 0.0
    satisfaction_score: float | None = None
    preferred_channel: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """One ticket without its conversation.

    Attributes:
        source_id: id of the ticket where it came from, unique within the channel.
        customer_tier: the tier when the ticket came in.
        decision: the gate's and the router's decision with its reasons; dataclasses may be nested in a new
            ticket's, plain JSON comes back.
        version: counts the changes; a change names the version it was made for.
    """

    id: str
    channel: str
    subject: str
    language: str
    status: str
    priority: str
    category: str
    sentiment: str
    created_at: datetime
    updated_at: datetime
    source_id: str | None = None
    customer_id: str | None = None
    customer_tier: str = "standard"
    topic: str | None = None
    urgent: bool = False
    queue: str | None = None
    assignee: str | None = None
    auto_resolved: bool = False
    article_id: str | None = None
    article_language: str | None = None
    resolution_probability: float = 0.0
    rule_id: str | None = None
    escalation_reasons: tuple[str, ...] = ()
    resolution_attempts: int = 0
    resolution_notes: str | None = None
    first_response_due_at: datetime | None = None
    resolution_due_at: datetime | None = None
    escalate_due_at: datetime | None = None
    first_responded_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    model_version: str | None = None
    index_version: str | None = None
    metadata: JsonObject = field(default_factory=dict)
    decision: JsonObject = field(default_factory=dict)
    version: int = 1


class TicketChanges(TypedDict, total=False):
    """The fields of a ticket that may change; what is absent stays."""

    status: str
    priority: str
    category: str
    topic: str | None
    sentiment: str
    urgent: bool
    queue: str | None
    assignee: str | None
    auto_resolved: bool
    article_id: str | None
    article_language: str | None
    resolution_probability: float
    rule_id: str | None
    escalation_reasons: tuple[str, ...]
    resolution_attempts: int
    resolution_notes: str | None
    first_response_due_at: datetime | None
    resolution_due_at: datetime | None
    escalate_due_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    metadata: JsonObject
    decision: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of a ticket's conversation; ``id`` is None until it is stored.

    Attributes:
        original: as it came in, where ``body`` differs from that.
        automatic: whether nobody looked at it before it went out.
    """

    direction: Direction
    author: str
    body: str
    language: str
    at: datetime
    original: str | None = None
    automatic: bool = False
    article_id: str | None = None
    source_id: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One entry of a ticket's audit trail; ``id`` is None until it is stored."""

    type: str
    actor: str
    at: datetime
    cause: str = ""
    data: JsonObject = field(default_factory=dict)
    model_version: str | None = None
    index_version: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """Something to send: ``key`` is unique, a second row with the same key is dropped."""

    kind: str
    key: str
    payload: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    """What the customer thought of the answer.

    Attributes:
        rating: 0 to 10.
    """

    rating: int
    at: datetime
    feedback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """What a person says a ticket really was; None where the person said nothing.

    Attributes:
        actor: who says so.
        no_article: no article resolves it; `article_id` is None then.
        model_version: the models that are corrected.
    """

    actor: str
    at: datetime
    category: str | None = None
    topic: str | None = None
    sentiment: str | None = None
    urgent: bool | None = None
    article_id: str | None = None
    no_article: bool = False
    note: str | None = None
    model_version: str | None = None
    index_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedTicket:
    """A correction with the text that was read."""

    ticket_id: str
    language: str
    channel: str
    subject: str
    message: str
    correction: CorrectionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRow:
    """What the champion did with a ticket, and what a challenger would have done.

    Attributes:
        champion: its bundle's version, like `challenger`.
        champion_reading: ``category``, ``topic``, ``sentiment``, ``urgent``, ``article_id``, ``probability``,
            ``threshold`` and ``action``; likewise `challenger_reading`.
    """

    ticket_id: str
    champion: str
    challenger: str
    champion_reading: JsonObject
    challenger_reading: JsonObject
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """How an article, in one language, has done so far.

    Attributes:
        rate: its success rate in [0, 1].
        ratings: how many tickets it is learnt from.
    """

    article_id: str
    language: str
    rate: float
    ratings: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a rating teaches about the article that answered.

    Attributes:
        learn: returns the article's success rate from the one before (None without one) and the ticket's
            rating before (None without one); called inside the rating's transaction.
    """

    article_id: str
    language: str
    learn: Callable[[float | None, int | None], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRow:
    """The answer that a repeated request gets.

    Attributes:
        scope: what the key counts for, for instance the route and the caller.
        request_hash: the same request has the same hash.
        response: JSON text of the answer.
    """

    scope: str
    key: str
    request_hash: str
    response: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """Everything that is written about a new ticket in one transaction.

    Attributes:
        customer: stored if the id is new, else the stored customer stays; None stores a customer of whom
            only ``ticket.customer_id`` and the tier are known.
        explanation: what ``GET …/explanation`` answers; dataclasses may be nested in it.
    """

    ticket: TicketRow
    messages: tuple[MessageRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    explanation: JsonObject = field(default_factory=dict)
    customer: CustomerRow | None = None
    idempotency: IdempotencyRow | None = None


class Outcome(StrEnum):
    """What became of a new ticket."""

    CREATED = "created"
    REPLAYED = "replayed"
    EXISTING = "existing"


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write, given after the commit.

    Attributes:
        ticket_id: the written ticket, or the one already there.
        response: the stored answer if the request was a repeated one (``REPLAYED``).
    """

    ticket_id: str
    outcome: Outcome
    response: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTicket:
    """A ticket with everything that belongs to it."""

    ticket: TicketRow
    messages: tuple[MessageRow, ...]
    events: tuple[EventRow, ...]
    rating: RatingRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuery:
    """Which tickets to list, newest first; None does not filter.

    Attributes:
        created_from: inclusive.
        created_to: exclusive.
        cursor: ``Page.next_cursor`` of the page before.
        limit: 1 to 200.
    """

    status: str | None = None
    category: str | None = None
    channel: str | None = None
    priority: str | None = None
    language: str | None = None
    customer_id: str | None = None
    queue: str | None = None
    auto_resolved: bool | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets, newest first.

    Attributes:
        next_cursor: None on the last page.
    """

    tickets: tuple[TicketRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRow:
    """An outbox row that a relay may deliver until its lease ends.

    Attributes:
        attempts: deliveries begun, this one included.
        token: fencing token; the row is finished only by the holder of the newest one.
    """

    id: int
    key: str
    kind: str
    ticket_id: str | None
    payload: JsonObject
    attempts: int
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCounts:
    """Counts for metrics and KPIs over the tickets of a period.

    Attributes:
        open_by_queue: tickets neither resolved nor closed, by queue ("" = none).
        sla_met: tickets resolved in time, or still open and not yet due; of ``sla_counted`` with a target.
        resolution_s_mean: created to resolved, None if nothing was resolved.
        ratings: how often each rating was given.
    """

    total: int
    auto_resolved: int
    by_status: Mapping[str, int]
    by_category: Mapping[str, int]
    open_by_queue: Mapping[str, int]
    sla_counted: int
    sla_met: int
    resolution_s_mean: float | None
    ratings: Mapping[int, int]

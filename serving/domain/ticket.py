"""Tickets, customers and messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.schema import Category, Channel, Sentiment
from serving.domain.sla import SlaClock


class Priority(StrEnum):
    """How soon a ticket must be handled, from most to least pressing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def raised(self, levels: int) -> Priority:
        """Returns the priority `levels` higher (lower if negative), at most critical and at least low."""
        return PRIORITIES[min(max(PRIORITIES.index(self) - levels, 0), len(PRIORITIES) - 1)]


PRIORITIES = tuple(Priority)


class Status(StrEnum):
    """Where a ticket is in its life."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    PENDING_CUSTOMER = "pending_customer"
    RESOLVED = "resolved"
    CLOSED = "closed"
    ESCALATED = "escalated"


class Tier(StrEnum):
    """The customer's contract."""

    STANDARD = "standard"
    GOLD = "gold"
    PLATINUM = "platinum"
    ENTERPRISE = "enterprise"


class Direction(StrEnum):
    """Who a message goes to."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who wrote.

    Attributes:
        language: preferred, ISO 639-1; what a message is written in is read from the message.
        timezone: IANA name.
        lifetime_value: in the shop's currency.
        satisfaction_score: mean of past ratings, 0 to 10.
    """

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    tier: Tier = Tier.STANDARD
    language: str | None = None
    timezone: str = "UTC"
    lifetime_value: float = 0.0
    satisfaction_score: float | None = None
    total_tickets: int = 0
    open_tickets: int = 0
    preferred_channel: Channel | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a ticket.

    Attributes:
        author: customer id, agent id or person.
        text: normalised; what the models read, or what was sent.
        original: as it came in, where normalising changed it.
        automatic: whether nobody looked at it before it went out.
    """

    ticket_id: str
    direction: Direction
    author: str
    text: str
    language: str
    sent_at: datetime
    original: str | None = None
    automatic: bool = False
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request of a customer and what became of it.

    Attributes:
        language: of the message, or ``und``.
        priority: after the routing rule's adjustment.
        attempts: automatic answers so far.
        article_id: of the article that answered it, None if none did.
        resolution_probability: of the best article, whether it answered or not.
        queue: None unless handed to people; `rule_id` the rule that chose it.
        escalation_reasons: why people must handle it.
        source_id: the sender's own id of the message; two tickets never share one.
    """

    id: str
    customer: Customer
    channel: Channel
    subject: str
    language: str
    status: Status
    priority: Priority
    category: Category
    topic: str
    sentiment: Sentiment
    urgent: bool
    created_at: datetime
    updated_at: datetime
    sla: SlaClock
    auto_resolved: bool = False
    attempts: int = 0
    article_id: str | None = None
    article_language: str | None = None
    resolution_probability: float = 0.0
    queue: str | None = None
    rule_id: str | None = None
    escalation_reasons: tuple[str, ...] = ()
    resolved_at: datetime | None = None
    resolution_notes: str = ""
    source_id: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    model_version: str = ""
    index_version: str = ""

    @property
    def resolution_time_s(self) -> float | None:
        """Seconds from intake to resolution, None while open."""
        return (self.resolved_at - self.created_at).total_seconds() if self.resolved_at else None

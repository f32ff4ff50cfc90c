"""What the desk decided about a ticket, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from serving.domain.ticket import Priority


class Action(StrEnum):
    """What the desk does with a ticket."""

    AUTO_RESOLVE = "auto_resolve"
    ROUTE = "route"


class ReasonCode(StrEnum):
    """Why the gate let a ticket be answered, or did not."""

    SURE_ENOUGH = "sure_enough"
    CRITICAL_PRIORITY = "critical_priority"
    VERY_NEGATIVE_SENTIMENT = "very_negative_sentiment"
    ALREADY_ESCALATED = "already_escalated"
    NEVER_PHRASE = "never_phrase"
    HUMAN_TOPIC = "human_topic"
    NO_ARTICLE = "no_article"
    NEVER_ARTICLE = "never_article"
    UNDETERMINED_LANGUAGE = "undetermined_language"
    CHANNEL_WITHOUT_ANSWERS = "channel_without_answers"
    ATTEMPTS_USED_UP = "attempts_used_up"
    ARTICLE_UNSUCCESSFUL = "article_unsuccessful"
    THRESHOLD_NEVER = "threshold_never"
    BELOW_THRESHOLD = "below_threshold"


class EscalationCode(StrEnum):
    """Why people must handle a ticket."""

    CRITICAL_PRIORITY = "critical_priority"
    NEGATIVE_SENTIMENT = "negative_sentiment"
    VIP_CUSTOMER = "vip_customer"
    PROTECTED_MATTER = "protected_matter"
    NO_SUITABLE_RESOLUTION = "no_suitable_resolution"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code for programs and a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PriorityPart:
    """What one fact added to the priority score."""

    because: str
    points: int


@dataclass(frozen=True, slots=True)
class PriorityScore:
    """A priority and the arithmetic behind it; `score` is the sum of the parts."""

    priority: Priority
    score: int
    parts: tuple[PriorityPart, ...]


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a ticket may be answered automatically.

    Attributes:
        threshold: the one applied; None means never.
        reasons: everything that stood against it, or the one reason for it.
    """

    open: bool
    threshold: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class SkippedRule:
    """An earlier rule and why it did not match."""

    rule_id: str
    because: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes, and what its rule asks for.

    Attributes:
        sla_hours: the rule's own resolution limit, None without one.
        notify: addresses such as ``slack:#vip-support`` or ``email:name@example.com``.
        auto_approve_up_to_usd: what may be refunded without a manager.
    """

    rule_id: str
    queue: str
    priority: Priority
    raised_by: int
    sla_hours: float | None
    because: tuple[str, ...]
    skipped: tuple[SkippedRule, ...]
    skills: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    senior_agent: bool = False
    manager_review: bool = False
    auto_approve_up_to_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Why people handle a ticket.

    Attributes:
        exception: whether it is more than an ordinary hand-over: a complaint, or a reason beyond the article.
    """

    exception: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens with a ticket; a routed one has a route and an escalation, an answered one has neither."""

    action: Action
    base: PriorityScore
    gate: GateResult
    route: Route | None = None
    escalation: Escalation | None = None

    @property
    def priority(self) -> Priority:
        """The priority after the routing rule's adjustment."""
        return self.route.priority if self.route else self.base.priority

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The gate's reasons."""
        return self.gate.reasons

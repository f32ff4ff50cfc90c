"""Sections of policy: priority, gate, escalation, routing, service levels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from data.schema import Category, Channel, Language, Sentiment
from serving.domain.ticket import Priority, Tier
from serving.settings.section import Hours, Minutes, Name, Section, Share, Usd

Phrases = dict[Language, tuple[Name, ...]]


class CutOffs(Section):
    """The least score of each priority; below medium is low."""

    critical: int
    high: int
    medium: int


class PrioritySettings(Section):
    """The priority arithmetic: a start, what each fact adds, and the cut-offs."""

    start: int
    tier: dict[Tier, int]
    sentiment: dict[Sentiment, int]
    category: dict[Category, int]
    urgent: int
    at_least: CutOffs


class GuaranteeSettings(Section):
    """What training promises when it chooses the thresholds.

    Attributes:
        wrong_share: at most this share of the automatic answers is wrong ...
        confidence: ... with this confidence.
    """

    wrong_share: Annotated[float, Field(gt=0, lt=1)]
    confidence: Annotated[float, Field(gt=0, lt=1)]


class ArticleSuccessSettings(Section):
    """How an article's success rate is learnt and used.

    Attributes:
        least: an article below it is not used.
        start: the rate of an article without an outcome.
        weight: of the newest outcome in the moving average.
    """

    least: Share
    start: Share
    weight: Annotated[float, Field(gt=0, le=1)]


class GateSettings(Section):
    """When a ticket is never answered automatically, and what the thresholds promise."""

    never_priorities: tuple[Priority, ...]
    never_sentiments: tuple[Sentiment, ...]
    never_topics: tuple[Name, ...]
    never_articles: tuple[Name, ...]
    max_attempts: Annotated[int, Field(ge=0)]
    article_success: ArticleSuccessSettings
    guarantee: GuaranteeSettings
    fallback_threshold: Literal["never"] | Share
    never_phrases: dict[Name, Phrases]


class EscalationSettings(Section):
    """What makes a hand-over an exception."""

    priorities: tuple[Priority, ...]
    sentiments: tuple[Sentiment, ...]
    vip_tiers: tuple[Tier, ...]
    categories: tuple[Category, ...]


class Condition(Section):
    """When a rule matches: every given part must; none given matches everything."""

    tiers: tuple[Tier, ...] = ()
    categories: tuple[Category, ...] = ()
    sentiments: tuple[Sentiment, ...] = ()
    channels: tuple[Channel, ...] = ()
    languages: tuple[Language | Literal["und"], ...] = ()
    keywords: Phrases = Field(default_factory=dict)

    @property
    def matches_everything(self) -> bool:
        """Whether no part is given."""
        parts = (self.tiers, self.categories, self.sentiments, self.channels, self.languages, self.keywords)
        return not any(parts)


class RuleSettings(Section):
    """One routing rule; what follows `queue` goes into the route."""

    id: Name
    when: Condition
    queue: Name
    raise_priority: Annotated[int, Field(ge=-3, le=3)] = 0
    sla_hours: Hours | None = None
    skills: tuple[Name, ...] = ()
    notify: tuple[Annotated[str, Field(pattern=r"^(slack:#|email:)\S+$")], ...] = ()
    senior_agent: bool = False
    manager_review: bool = False
    auto_approve_up_to_usd: Usd | None = None


class RoutingSettings(Section):
    """The queues there are, and the rules in order: the first that matches wins."""

    queues: Annotated[tuple[Name, ...], Field(min_length=1)]
    rules: Annotated[tuple[RuleSettings, ...], Field(min_length=1)]


class TargetSettings(Section):
    """The promise for one channel and priority."""

    first_response_minutes: Minutes
    resolution_hours: Hours
    escalate_after_hours: Hours


class SlaSettings(Section):
    """Service levels: a default, targets per channel and priority, and the tiers' factors."""

    default: TargetSettings
    targets: dict[Channel, dict[Priority, TargetSettings]]
    tier_factor: dict[Tier, Annotated[float, Field(gt=0)]]
    at_risk_hours: Hours

"""How soon a ticket must be handled: a sum of points, and cut-offs."""

from __future__ import annotations

from data.schema import Category, Sentiment
from serving.domain.decision import PriorityPart, PriorityScore
from serving.domain.ticket import Priority, Tier
from serving.settings.policy import CutOffs, PrioritySettings


def score_priority(
    policy: PrioritySettings, tier: Tier, sentiment: Sentiment, category: Category, urgent: bool
) -> PriorityScore:
    """Returns the priority of a ticket with the points that led to it."""
    facts = (
        ("start", policy.start),
        (f"tier {tier}", policy.tier.get(tier, 0)),
        (f"sentiment {sentiment}", policy.sentiment.get(sentiment, 0)),
        (f"category {category}", policy.category.get(category, 0)),
        ("urgent", policy.urgent if urgent else 0),
    )
    parts = tuple(PriorityPart(because, points) for because, points in facts if points)
    score = sum(part.points for part in parts)
    return PriorityScore(_priority(score, policy.at_least), score, parts)


def _priority(score: int, at_least: CutOffs) -> Priority:
    if score >= at_least.critical:
        return Priority.CRITICAL
    if score >= at_least.high:
        return Priority.HIGH
    return Priority.MEDIUM if score >= at_least.medium else Priority.LOW

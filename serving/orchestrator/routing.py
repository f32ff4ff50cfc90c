"""Which queue takes a ticket: the first rule that matches, with the reasons why the earlier ones did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from data.schema import Category, Channel, Sentiment
from serving.domain.decision import Route, SkippedRule
from serving.domain.phrases import Phrases, Words
from serving.domain.ticket import Priority, Tier
from serving.settings.policy import Condition, RoutingSettings, RuleSettings


@dataclass(frozen=True, slots=True)
class RoutingCase:
    """What the rules look at."""

    tier: Tier
    category: Category
    sentiment: Sentiment
    channel: Channel
    language: str
    words: Words
    priority: Priority


class Router:
    """The rules of `routing` in support.yaml, made ready."""

    def __init__(self, policy: RoutingSettings) -> None:
        self._rules = policy.rules
        self._keywords = Phrases({rule.id: chain(*rule.when.keywords.values()) for rule in policy.rules})

    def route(self, case: RoutingCase) -> Route:
        """Returns the route of a ticket; the last rule takes what no other does."""
        said = self._keywords.find(case.words)
        skipped: list[SkippedRule] = []
        for rule in self._rules:
            missing = _missing(rule.when, case, said.get(rule.id))
            if missing is None:
                return _route(rule, case, said.get(rule.id), tuple(skipped))
            skipped.append(SkippedRule(rule.id, missing))
        raise AssertionError("the last routing rule takes every ticket; the settings are checked for it")


_FACTS: tuple[tuple[str, Callable[[Condition], tuple[str, ...]], Callable[[RoutingCase], str]], ...] = (
    ("tier", lambda when: when.tiers, lambda case: case.tier),
    ("category", lambda when: when.categories, lambda case: case.category),
    ("sentiment", lambda when: when.sentiments, lambda case: case.sentiment),
    ("channel", lambda when: when.channels, lambda case: case.channel),
    ("language", lambda when: when.languages, lambda case: case.language),
)


def _missing(when: Condition, case: RoutingCase, keyword: str | None) -> str | None:
    """Returns why a rule does not match, None if it does."""
    for name, wanted, actual in _FACTS:
        allowed = wanted(when)
        if allowed and actual(case) not in allowed:
            return f"{name} is {actual(case)}, not {' or '.join(allowed)}"
    return "none of its keywords is said" if when.keywords and keyword is None else None


def _because(when: Condition, case: RoutingCase, keyword: str | None) -> tuple[str, ...]:
    facts = [f"{name} is {actual(case)}" for name, wanted, actual in _FACTS if wanted(when)]
    if when.keywords:
        facts.append(f"the message says {keyword!r}")
    return tuple(facts) or ("no other rule matched",)


def _route(
    rule: RuleSettings, case: RoutingCase, keyword: str | None, skipped: tuple[SkippedRule, ...]
) -> Route:
    return Route(
        rule_id=rule.id,
        queue=rule.queue,
        priority=case.priority.raised(rule.raise_priority),
        raised_by=rule.raise_priority,
        sla_hours=rule.sla_hours,
        because=_because(rule.when, case, keyword),
        skipped=skipped,
        skills=rule.skills,
        notify=rule.notify,
        senior_agent=rule.senior_agent,
        manager_review=rule.manager_review,
        auto_approve_up_to_usd=rule.auto_approve_up_to_usd,
    )

"""What one part of the settings says about another: queues, articles, orders, limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from data.schema import Channel
from serving.domain.phrases import PhraseError, Phrases
from serving.domain.ticket import PRIORITIES, Tier
from serving.settings.policy import Phrases as PhraseLists
from serving.settings.problems import Problem, unknown
from serving.settings.settings import Settings


def find_inconsistencies(settings: Settings) -> list[Problem]:
    """Returns what is wrong although every value by itself is right."""
    return [
        *_routing(settings),
        *_priority(settings),
        *_sla(settings),
        *_limits(settings),
        *_phrases(settings),
    ]


def find_unknown_references(
    settings: Settings, article_ids: Collection[str], topics: Collection[str] | None
) -> list[Problem]:
    """Returns the articles (and topics, if those are given) that are named and do not exist."""
    problems = [
        Problem(f"gate.never_articles[{i}]", unknown("article", article, article_ids))
        for i, article in enumerate(settings.gate.never_articles)
        if article not in article_ids
    ]
    if topics is not None:
        problems += [
            Problem(f"gate.never_topics[{i}]", unknown("topic", topic, topics))
            for i, topic in enumerate(settings.gate.never_topics)
            if topic not in topics
        ]
    return problems


def _routing(settings: Settings) -> Iterator[Problem]:
    rules, queues = settings.routing.rules, settings.routing.queues
    seen: set[str] = set()
    for i, rule in enumerate(rules):
        path = f"routing.rules[{i}]"
        if rule.queue not in queues:
            yield Problem(f"{path}.queue", unknown("queue", rule.queue, queues))
        if rule.id in seen:
            yield Problem(f"{path}.id", f"{rule.id!r} is the id of an earlier rule; ids must differ")
        seen.add(rule.id)
        last = i == len(rules) - 1
        if rule.when.matches_everything and not last:
            yield Problem(f"{path}.when", "matches everything, so the rules after it are never reached")
        if last and not rule.when.matches_everything:
            yield Problem(f"{path}.when", "must be empty ({}): the last rule takes every ticket left over")
    used = {rule.queue for rule in rules}
    for i, queue in enumerate(queues):
        if queue not in used and used <= set(queues):
            yield Problem(f"routing.queues[{i}]", f"no rule uses {queue!r}; remove it or add a rule")


def _priority(settings: Settings) -> Iterator[Problem]:
    cut_offs = settings.priority.at_least
    if not cut_offs.critical > cut_offs.high > cut_offs.medium:
        yield Problem("priority.at_least", "must fall from critical over high to medium")
    missing = [tier for tier in Tier if tier not in settings.priority.tier]
    if missing:
        yield Problem("priority.tier", f"lacks {', '.join(missing)}")


def _sla(settings: Settings) -> Iterator[Problem]:
    for channel, targets in settings.sla.targets.items():
        missing = [priority for priority in PRIORITIES if priority not in targets]
        if missing:
            yield Problem(f"sla.targets.{channel}", f"lacks {', '.join(missing)}")
    missing_tiers = [tier for tier in Tier if tier not in settings.sla.tier_factor]
    if missing_tiers:
        yield Problem("sla.tier_factor", f"lacks {', '.join(missing_tiers)}")


def _limits(settings: Settings) -> Iterator[Problem]:
    if settings.intake.read_characters > settings.intake.max_characters:
        yield Problem("intake.read_characters", "must not be more than intake.max_characters")
    if settings.satisfaction.passive_from > settings.satisfaction.promoter_from:
        yield Problem("satisfaction.passive_from", "must not be more than satisfaction.promoter_from")
    for channel in Channel:
        options = settings.channels[channel]
        if options.max_characters is not None and options.web_link is None:
            yield Problem(f"channels.{channel}.web_link", "is needed where max_characters is given")
        if options.web_link is not None and options.max_characters is None:
            yield Problem(f"channels.{channel}.web_link", "is used only where max_characters is given")


def _phrases(settings: Settings) -> Iterator[Problem]:
    for kind, lists in settings.gate.never_phrases.items():
        yield from _broken(f"gate.never_phrases.{kind}", lists)
    for i, rule in enumerate(settings.routing.rules):
        yield from _broken(f"routing.rules[{i}].when.keywords", rule.when.keywords)


def _broken(path: str, lists: PhraseLists) -> Iterator[Problem]:
    for language, phrases in lists.items():
        for i, phrase in enumerate(phrases):
            try:
                Phrases([phrase])
            except PhraseError as error:
                yield Problem(f"{path}.{language}[{i}]", str(error))

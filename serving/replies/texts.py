"""The texts of one language, from ``<language>.toml`` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from string import Template

from data.schema import Language
from serving.errors import ConfigError

PLACES: Mapping[str, frozenset[str]] = {
    "greeting": frozenset(),
    "greeting_named": frozenset({"name"}),
    "answer": frozenset(),
    "other_language": frozenset({"article_language"}),
    "citation": frozenset({"article_id", "title"}),
    "answer_disclosure": frozenset({"company"}),
    "person": frozenset({"contact", "ticket_id"}),
    "closing": frozenset({"company"}),
    "acknowledgement": frozenset({"company"}),
    "expected": frozenset({"within"}),
    "expected_now": frozenset(),
    "reference": frozenset({"ticket_id", "contact"}),
    "acknowledgement_disclosure": frozenset(),
    "minute": frozenset(),
    "minutes": frozenset({"count"}),
    "hour": frozenset(),
    "hours": frozenset({"count"}),
    "short_answer": frozenset({"company", "title", "link"}),
    "short_person": frozenset({"contact"}),
    "short_acknowledgement": frozenset({"company", "ticket_id"}),
    "short_within": frozenset({"within"}),
    "short_now": frozenset(),
}
"""Every text and the places it may have."""


@dataclass(frozen=True)
class Texts:
    """The texts of one language; `languages` names the six in it."""

    greeting: Template
    greeting_named: Template
    answer: Template
    other_language: Template
    citation: Template
    answer_disclosure: Template
    person: Template
    closing: Template
    acknowledgement: Template
    expected: Template
    expected_now: Template
    reference: Template
    acknowledgement_disclosure: Template
    minute: Template
    minutes: Template
    hour: Template
    hours: Template
    short_answer: Template
    short_person: Template
    short_acknowledgement: Template
    short_within: Template
    short_now: Template
    languages: Mapping[str, str]

    def within(self, minutes: float) -> str:
        """Returns a duration in words: minutes, or hours where they are whole."""
        whole = max(1, round(minutes))
        if whole % 60:
            return self.minute.template if whole == 1 else self.minutes.substitute(count=whole)
        hours = whole // 60
        return self.hour.template if hours == 1 else self.hours.substitute(count=hours)


@cache
def load_texts(language: Language) -> Texts:
    """Returns the texts of a language.

    Raises:
        ConfigError: a text is missing, unknown, or has a place that nothing fills.
    """
    path = Path(__file__).with_name(f"{language}.toml")
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    problems = _problems(values)
    if problems:
        raise ConfigError(path.name, problems)
    templates = {name: Template(values[name]) for name in PLACES}
    return Texts(**templates, languages=values["languages"])


def _problems(values: Mapping[str, object]) -> list[str]:
    known = {field.name for field in fields(Texts)}
    found = [f"{name}: is missing" for name in sorted(known - values.keys())]
    found += [f"{name}: unknown text" for name in sorted(values.keys() - known)]
    for name, places in PLACES.items():
        unknown = set(Template(str(values.get(name, ""))).get_identifiers()) - places
        if unknown:
            found.append(f"{name}: nothing fills {', '.join(sorted(unknown))}")
    return found

"""What each head says beside the truth, by class, language and channel, and which language is behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.schema import LabelledTicket
from evaluation.confusion import Confusion, count_confusion, interval_of_difference
from evaluation.metrics import Interval
from models.reading import Reading

BAR = 0.10
"""No language may be more than this under the best."""


@dataclass(frozen=True)
class HeadLabels:
    """One thing the models say of a ticket: the label of the ticket, and the one that was read."""

    truth: Callable[[LabelledTicket], str]
    read: Callable[[Reading], str]


HEADS: Mapping[str, HeadLabels] = {
    "category": HeadLabels(lambda ticket: str(ticket.category), lambda reading: reading.category.value),
    "topic": HeadLabels(lambda ticket: ticket.topic, lambda reading: reading.topic.value),
    "sentiment": HeadLabels(lambda ticket: str(ticket.sentiment), lambda reading: reading.sentiment.value),
    "urgency": HeadLabels(
        lambda ticket: "urgent" if ticket.urgent else "not_urgent",
        lambda reading: "urgent" if reading.is_urgent else "not_urgent",
    ),
}
SLICES: Mapping[str, Callable[[LabelledTicket], str]] = {
    "language": lambda ticket: str(ticket.language),
    "channel": lambda ticket: str(ticket.channel),
}


@dataclass(frozen=True)
class HeadFigures:
    """One head on labelled tickets.

    Attributes:
        slices: by ``language`` and ``channel``, the confusion of the tickets of each.
    """

    name: str
    overall: Confusion
    slices: Mapping[str, Mapping[str, Confusion]]

    def json(self) -> dict[str, Any]:
        """Returns the figures; `evaluation.figures.plain` makes them JSON."""
        return {
            **_pair(self.overall),
            "by_class": self.overall.by_class(),
            **{
                f"by_{name}": {key: _pair(found) for key, found in parts.items()}
                for name, parts in self.slices.items()
            },
        }


@dataclass(frozen=True)
class Fairness:
    """How far the languages are apart in one figure of one head.

    Attributes:
        gap: of the best language and the one furthest behind, with its bootstrap interval; the two are chosen by
            the same tickets, so that chance alone makes it greater than zero.
    """

    head: str
    figure: str
    best: str
    behind: str
    best_value: float
    behind_value: float
    gap: Interval

    @property
    def over_the_bar(self) -> bool:
        """Whether the language is more than `BAR` under the best."""
        return self.gap.value > BAR


def measure_heads(tickets: Sequence[LabelledTicket], readings: Sequence[Reading]) -> dict[str, HeadFigures]:
    """Returns the figures of every head; `readings` has one for each ticket."""
    return {name: _measure(name, head, tickets, readings) for name, head in HEADS.items()}


def measure_fairness(heads: Mapping[str, HeadFigures]) -> list[Fairness]:
    """Returns for accuracy and macro-F1 of each head which language is best, and which is furthest behind."""
    found = []
    for name, figures in heads.items():
        languages = figures.slices["language"]
        if len(languages) < 2:
            continue
        for figure in ("accuracy", "macro_f1"):
            values = {key: getattr(confusion, figure).value for key, confusion in languages.items()}
            best, behind = max(values, key=values.__getitem__), min(values, key=values.__getitem__)
            gap = interval_of_difference(
                getattr(languages[best], f"resampled_{figure}"),
                getattr(languages[behind], f"resampled_{figure}"),
                values[best] - values[behind],
            )
            found.append(Fairness(name, figure, best, behind, values[best], values[behind], gap))
    return found


@dataclass(frozen=True)
class Mistake:
    """Two labels that a head confuses, most often in this direction.

    Attributes:
        tickets: every such ticket.
    """

    truth: str
    read: str
    tickets: Sequence[LabelledTicket]


def find_mistakes(head: str, tickets: Sequence[LabelledTicket], readings: Sequence[Reading]) -> list[Mistake]:
    """Returns the confusions of a head, the most frequent first."""
    pairs: dict[tuple[str, str], list[LabelledTicket]] = {}
    for ticket, reading in zip(tickets, readings, strict=True):
        truth, read = HEADS[head].truth(ticket), HEADS[head].read(reading)
        if truth != read:
            pairs.setdefault((truth, read), []).append(ticket)
    ordered = sorted(pairs.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Mistake(truth, read, found) for (truth, read), found in ordered]


def _measure(
    name: str, head: HeadLabels, tickets: Sequence[LabelledTicket], readings: Sequence[Reading]
) -> HeadFigures:
    truth, read = list(map(head.truth, tickets)), list(map(head.read, readings))
    slices: dict[str, dict[str, Confusion]] = {}
    for kind, key in SLICES.items():
        rows: dict[str, list[int]] = {}
        for number, ticket in enumerate(tickets):
            rows.setdefault(key(ticket), []).append(number)
        slices[kind] = {
            value: count_confusion([truth[i] for i in found], [read[i] for i in found])
            for value, found in sorted(rows.items())
        }
    return HeadFigures(name, count_confusion(truth, read), slices)


def _pair(confusion: Confusion) -> dict[str, Any]:
    return {
        "tickets": confusion.rows,
        "accuracy": confusion.accuracy,
        "macro_f1": confusion.macro_f1,
    }

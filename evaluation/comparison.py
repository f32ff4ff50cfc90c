"""Two bundles side by side on the same labelled tickets: figures by language and category, and their decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.schema import LabelledTicket
from evaluation.metrics import Interval
from evaluation.outcomes import Outcomes
from evaluation.paired import Difference, Figure, binary_f1, differences, macro_f1, rate

Columns = TypeVar("Columns", "Labels", Outcomes)
ALL = "all"
SINGLE = 0.95
"""Confidence of an interval by itself."""


class FigureName(StrEnum):
    """What is compared."""

    CATEGORY = "category_macro_f1"
    TOPIC = "topic_accuracy"
    SENTIMENT = "sentiment_macro_f1"
    URGENCY = "urgency_f1"
    ARTICLE = "article_recall"
    ANSWERED = "answered"
    ANSWERED_RIGHT = "answered_right"
    CATEGORY_RECALL = "category_recall"


class SliceKind(StrEnum):
    """What the tickets of a slice have in common."""

    ALL = "all"
    LANGUAGE = "language"
    CATEGORY = "category"


@dataclass(frozen=True)
class Labels:
    """The truth about the tickets, ``(n,)`` each; `with_article` are those that an article resolves."""

    category: NDArray[np.str_]
    topic: NDArray[np.str_]
    sentiment: NDArray[np.str_]
    urgent: NDArray[np.bool_]
    with_article: NDArray[np.bool_]
    language: NDArray[np.str_]


@dataclass(frozen=True)
class Slice:
    """Some of the tickets: ``(n,)`` flags, and the figures that are looked at there."""

    kind: SliceKind
    name: str
    rows: NDArray[np.bool_]
    figures: tuple[FigureName, ...]


@dataclass(frozen=True)
class Compared:
    """One figure of both bundles in one slice.

    Attributes:
        interval: of `second` − `first`, with 95 % confidence by itself.
        joint: of the same, so wide that all those of a comparison hold together with the confidence asked for.
    """

    kind: SliceKind
    name: str
    figure: FigureName
    tickets: int
    first: float
    second: float
    interval: Interval
    joint: Interval

    def plain(self) -> dict[str, Any]:
        """Returns the row for JSON."""
        return {
            "slice": str(self.kind),
            "name": self.name,
            "figure": str(self.figure),
            "tickets": self.tickets,
            "first": finite(self.first),
            "second": finite(self.second),
            "difference": finite(self.interval.value),
            "interval": [self.interval.low, self.interval.high],
            "joint_interval": [self.joint.low, self.joint.high],
        }


@dataclass(frozen=True)
class Agreement:
    """How two bundles decide about the same tickets, in counts.

    Attributes:
        other_article: answered by both, with different articles.
        same_category: both read the same category.
    """

    tickets: int
    both: int
    only_first: int
    only_second: int
    neither: int
    other_article: int
    same_category: int

    @property
    def share(self) -> float:
        """Share of the tickets with which both do the same: hand over, or answer with the same article."""
        return (
            (self.both - self.other_article + self.neither) / self.tickets if self.tickets else float("nan")
        )

    def plain(self) -> dict[str, Any]:
        """Returns the counts for JSON."""
        return {**asdict(self), "share": finite(self.share)}


EVERYWHERE = tuple(name for name in FigureName if name is not FigureName.CATEGORY_RECALL)
_FIGURES: Mapping[FigureName, Callable[[Labels, Outcomes], Figure]] = {
    FigureName.CATEGORY: lambda labels, seen: macro_f1(labels.category, seen.category),
    FigureName.TOPIC: lambda labels, seen: rate(labels.topic == seen.topic),
    FigureName.SENTIMENT: lambda labels, seen: macro_f1(labels.sentiment, seen.sentiment),
    FigureName.URGENCY: lambda labels, seen: binary_f1(labels.urgent, seen.urgent),
    FigureName.ARTICLE: lambda labels, seen: rate(seen.right, labels.with_article),
    FigureName.ANSWERED: lambda _, seen: rate(seen.answered),
    FigureName.ANSWERED_RIGHT: lambda _, seen: rate(seen.right, seen.answered),
    FigureName.CATEGORY_RECALL: lambda labels, seen: rate(labels.category == seen.category),
}


def read_labels(tickets: Sequence[LabelledTicket]) -> Labels:
    """Returns the truth about `tickets` as columns."""
    return Labels(
        category=np.array([str(ticket.category) for ticket in tickets], dtype=np.str_),
        topic=np.array([ticket.topic for ticket in tickets], dtype=np.str_),
        sentiment=np.array([str(ticket.sentiment) for ticket in tickets], dtype=np.str_),
        urgent=np.array([ticket.urgent for ticket in tickets], dtype=np.bool_),
        with_article=np.array([ticket.article_id is not None for ticket in tickets], dtype=np.bool_),
        language=np.array([str(ticket.language) for ticket in tickets], dtype=np.str_),
    )


def slices(labels: Labels) -> list[Slice]:
    """Returns everything, then each language, then each category."""
    whole = Slice(SliceKind.ALL, ALL, np.ones(len(labels.language), dtype=np.bool_), EVERYWHERE)
    languages = [
        Slice(SliceKind.LANGUAGE, str(name), labels.language == name, EVERYWHERE)
        for name in np.unique(labels.language)
    ]
    categories = [
        Slice(SliceKind.CATEGORY, str(name), labels.category == name, (FigureName.CATEGORY_RECALL,))
        for name in np.unique(labels.category)
    ]
    return [whole, *languages, *categories]


def measure(labels: Labels, outcomes: Outcomes) -> dict[str, dict[str, dict[str, float]]]:
    """Returns figures by kind and name of the slice."""
    report: dict[str, dict[str, dict[str, float]]] = {}
    for part in slices(labels):
        found = _figures(part, labels, outcomes)
        values = {str(name): figure.whole for name, figure in found.items()}
        report.setdefault(str(part.kind), {})[part.name] = {"tickets": int(part.rows.sum()), **values}
    return report


def compare(
    labels: Labels,
    first: Outcomes,
    second: Outcomes,
    *,
    judged: Sequence[FigureName],
    confidence: float = SINGLE,
    resamples: int = 2000,
) -> list[Compared]:
    """Returns every figure of both in every slice, with paired bootstrap intervals of the difference.

    Args:
        labels: the truth.
        first: what one bundle does with the tickets.
        second: what the other one does with the same tickets.
        judged: the figures whose joint intervals hold together (Bonferroni): among forty slices, one interval of
            95 % would be expected to miss by chance, and an equal bundle would be refused more often than not.
        confidence: with which they do.
        resamples: more of them for a higher confidence; joint intervals lie far in the tails.
    """
    parts = slices(labels)
    comparisons = sum(name in judged for part in parts for name in part.figures)
    levels = (SINGLE, 1 - (1 - confidence) / max(1, comparisons))
    rows = []
    for part in parts:
        one, other = _figures(part, labels, first), _figures(part, labels, second)
        found = differences(list(one.values()), list(other.values()), levels, resamples=resamples)
        rows += [_row(part, name, difference) for name, difference in zip(one, found, strict=True)]
    return rows


def agree(first: Outcomes, second: Outcomes) -> Agreement:
    """Returns how far two bundles decide alike."""
    both = first.answered & second.answered
    return Agreement(
        tickets=len(first),
        both=int(both.sum()),
        only_first=int((first.answered & ~second.answered).sum()),
        only_second=int((second.answered & ~first.answered).sum()),
        neither=int((~first.answered & ~second.answered).sum()),
        other_article=int((both & (first.article != second.article)).sum()),
        same_category=int((first.category == second.category).sum()),
    )


def finite(value: float) -> float | None:
    """Returns `value`, or None for what JSON has no number for."""
    return value if np.isfinite(value) else None


def _figures(part: Slice, labels: Labels, outcomes: Outcomes) -> dict[FigureName, Figure]:
    truth, seen = _take(labels, part.rows), _take(outcomes, part.rows)
    return {name: _FIGURES[name](truth, seen) for name in part.figures}


def _take(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    return type(columns)(**{name: column[rows] for name, column in vars(columns).items()})


def _row(part: Slice, name: FigureName, found: Difference) -> Compared:
    single, joint = found.intervals
    tickets = int(part.rows.sum())
    return Compared(part.kind, part.name, name, tickets, found.first, found.second, single, joint)

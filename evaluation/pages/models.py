"""The page of ``firstline evaluate models``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from data.schema import LabelledTicket
from evaluation.calibration import measure_calibration, stated_probabilities
from evaluation.figures import excerpt, plain
from evaluation.heads import (
    BAR,
    HEADS,
    SLICES,
    Fairness,
    HeadFigures,
    Mistake,
    find_mistakes,
    measure_fairness,
    measure_heads,
)
from evaluation.metrics import Interval, reliability
from evaluation.novelty import measure_novelty
from evaluation.plots import ReliabilityPoint, plot_confusion, plot_intervals, plot_reliability_grid, to_png
from evaluation.report import Plot, Report, Section, Table
from models.reading import Reading

OUT_OF_SCOPE = "out_of_scope"
"""The topic of tickets that are not for the desk, in the shipped taxonomy."""
MISTAKES = 20
EXAMPLES = 2
BINS, BINS_OF_A_LANGUAGE = 10, 5
INTERVALS = (
    "Accuracy, precision and recall: exact 95 % intervals. F1: bootstrap, none where everything is right."
)


@dataclass(frozen=True)
class ModelFigures:
    """Labelled tickets, what was read in them, and every figure of that.

    Attributes:
        topic_articles: the article of each topic, None where only people may handle it.
        source: the tickets, in words.
        bundle: version of the models.
    """

    tickets: Sequence[LabelledTicket]
    readings: Sequence[Reading]
    topic_articles: Mapping[str, str | None]
    source: str
    bundle: str

    @cached_property
    def out_of_scope(self) -> dict[str, dict[str, Any]]:
        """By what counts as out of scope, and by score, as `evaluation.novelty.measure_novelty` returns it."""
        languages = [str(ticket.language) for ticket in self.tickets]
        truths = {
            "topic out_of_scope": np.array([ticket.topic == OUT_OF_SCOPE for ticket in self.tickets]),
            "any topic without an article": np.array(
                [self.topic_articles.get(ticket.topic) is None for ticket in self.tickets]
            ),
        }
        scores = {
            "novelty": np.array([reading.out_of_scope for reading in self.readings]),
            "unsure of the topic": np.array([1 - reading.topic.probability for reading in self.readings]),
            "read as a topic without an article": np.array(list(map(self._without_article, self.readings))),
        }
        return {
            truth: {score: measure_novelty(values, outside, languages) for score, values in scores.items()}
            for truth, outside in truths.items()
            if outside.any()
        }

    def _without_article(self, reading: Reading) -> float:
        return sum(p for topic, p in reading.topics.items() if self.topic_articles.get(topic) is None)

    @cached_property
    def heads(self) -> dict[str, HeadFigures]:
        """Figures by head."""
        return measure_heads(self.tickets, self.readings)

    @cached_property
    def fairness(self) -> list[Fairness]:
        """How far the languages are apart."""
        return measure_fairness(self.heads)

    @cached_property
    def calibration(self) -> dict[str, Any]:
        """As `evaluation.calibration.measure_calibration` returns it."""
        return measure_calibration(self.tickets, self.readings)

    @cached_property
    def mistakes(self) -> dict[str, list[Mistake]]:
        """Confusions by head, the most frequent first."""
        return {name: find_mistakes(name, self.tickets, self.readings) for name in HEADS}


def models_json(figures: ModelFigures) -> dict[str, Any]:
    """Returns what ``--json`` prints."""
    found: dict[str, Any] = plain(
        {
            "tickets": len(figures.tickets),
            "bundle": figures.bundle,
            "heads": {name: head.json() for name, head in figures.heads.items()},
            "language_gaps": [
                {**plain(gap), "over_the_bar": gap.over_the_bar, "bar": BAR} for gap in figures.fairness
            ],
            "calibration": figures.calibration,
            "out_of_scope": figures.out_of_scope,
            "mistakes": {
                name: [_mistake_json(mistake) for mistake in mistakes[:MISTAKES]]
                for name, mistakes in figures.mistakes.items()
            },
        }
    )
    return found


def models_page(figures: ModelFigures) -> Report:
    """Returns the report."""
    return Report(
        title="How well the models read tickets",
        summary=_summary(figures),
        sections=[
            _overall(figures),
            *(_slices(figures, kind) for kind in SLICES),
            _gaps(figures.fairness),
            *(_classes(figures, head) for head in ("category", "sentiment", "urgency")),
            _topics(figures),
            _mistakes(figures),
            _calibration(figures),
            _out_of_scope(figures),
        ],
        provenance={
            "tickets": figures.source,
            "bundle": figures.bundle,
            "command": "firstline evaluate models",
        },
    )


def _summary(figures: ModelFigures) -> list[str]:
    heads = figures.heads
    accuracy = ", ".join(f"the {name} of {head.overall.accuracy.value:.1%}" for name, head in heads.items())
    calibration = ", ".join(f"{name} {found['ece']:.1%}" for name, found in figures.calibration.items())
    return [
        f"Of {len(figures.tickets):,} tickets, {accuracy} is read right.",
        *_gap_sentences(figures.fairness),
        f"Stated probabilities miss what comes true by (ECE): {calibration}.",
    ]


def _gap_sentences(gaps: Sequence[Fairness]) -> list[str]:
    if not gaps:
        return []
    widest = max(gaps, key=lambda gap: gap.gap.value)
    over = [
        f"{gap.behind} in {gap.head} {_words(gap.figure)} ({_points(gap.gap.value)} under {gap.best})"
        for gap in gaps
        if gap.over_the_bar
    ]
    furthest = (
        f"The language furthest behind is {widest.behind}: in {widest.head} {_words(widest.figure)} it is "
        f"{_points(widest.gap.value)} under {widest.best}."
    )
    if not over:
        return [f"{furthest} No language is more than ten points under the best in any figure."]
    return [f"{furthest} More than ten points under the best: {'; '.join(over)}."]


def _overall(figures: ModelFigures) -> Section:
    rows = [
        (name, head.overall.accuracy, head.overall.macro_f1, len(head.overall.by_class()))
        for name, head in figures.heads.items()
    ]
    series = {
        "accuracy": {name: head.overall.accuracy for name, head in figures.heads.items()},
        "macro-F1": {name: head.overall.macro_f1 for name, head in figures.heads.items()},
    }
    columns = ("head", "accuracy", "macro-F1", "classes")
    return Section(
        "Every head",
        tables=[Table("All tickets", columns, rows, INTERVALS)],
        plots=[Plot(to_png(plot_intervals(series, "value")), "Accuracy and macro-F1 of each head.")],
    )


def _slices(figures: ModelFigures, kind: str) -> Section:
    by_head = {name: head.slices[kind] for name, head in figures.heads.items()}
    sizes = {value: found.rows for value, found in by_head["category"].items()}

    def table(figure: str) -> Table:
        rows = [
            (value, size, *(getattr(found[value], figure) for found in by_head.values()))
            for value, size in sizes.items()
        ]
        return Table(f"{_title(figure)} by {kind}", (kind, "tickets", *by_head), rows)

    series: dict[str, dict[str, Interval]] = {
        name: {value: found[value].macro_f1 for value in sizes} for name, found in by_head.items()
    }
    return Section(
        f"By {kind}",
        tables=[table("accuracy"), table("macro_f1")],
        plots=[Plot(to_png(plot_intervals(series, "macro-F1")), f"Macro-F1 of each head by {kind}.")],
    )


def _gaps(gaps: Sequence[Fairness]) -> Section:
    rows = [
        (
            f"{gap.head}, {_words(gap.figure)}",
            f"{gap.best} {gap.best_value:.3f}",
            f"{gap.behind} {gap.behind_value:.3f}",
            gap.gap,
            "yes" if gap.over_the_bar else "no",
        )
        for gap in gaps
    ]
    note = (
        "Best and furthest behind are chosen by the same tickets, so chance alone makes a gap. An interval that "
        f"reaches {BAR:.2f} says that these tickets cannot exclude one of ten points."
    )
    columns = ("figure", "best language", "furthest behind", "gap", "over ten points")
    return Section("Are all languages served alike?", tables=[Table("Gaps", columns, rows, note)])


def _classes(figures: ModelFigures, head: str) -> Section:
    truth = [HEADS[head].truth(ticket) for ticket in figures.tickets]
    read = [HEADS[head].read(reading) for reading in figures.readings]
    return Section(
        f"Classes of {head}",
        tables=[_class_table(figures.heads[head], INTERVALS)],
        plots=[Plot(to_png(plot_confusion(truth, read)), f"Confusion of {head}: rows are true.")],
    )


def _topics(figures: ModelFigures) -> Section:
    table = _class_table(figures.heads["topic"], INTERVALS, page_only=True)
    return Section(f"Classes of topic ({len(table.rows)})", tables=[table])


def _class_table(head: HeadFigures, note: str, *, page_only: bool = False) -> Table:
    classes = sorted(head.overall.by_class().items(), key=lambda item: float(item[1]["f1"].value))
    rows = [
        (label, found["support"], found["precision"], found["recall"], found["f1"])
        for label, found in classes
    ]
    columns = (head.name, "tickets", "precision", "recall", "F1")
    return Table(f"By {head.name}, the weakest first", columns, rows, note, page_only)


def _mistakes(figures: ModelFigures) -> Section:
    rows = [
        (mistake.truth, mistake.read, len(mistake.tickets), _examples(mistake))
        for mistake in figures.mistakes["topic"][:MISTAKES]
    ]
    columns = ("true topic", "read as", "tickets", "for example")
    return Section(
        "What is confused most", tables=[Table("Topics", columns, rows, page_only=True)] if rows else []
    )


def _examples(mistake: Mistake) -> str:
    chosen = mistake.tickets[:EXAMPLES]
    return " · ".join(f"{ticket.id}: {excerpt(ticket.text, 90)}" for ticket in chosen)


def _calibration(figures: ModelFigures) -> Section:
    languages = sorted({str(ticket.language) for ticket in figures.tickets})
    rows = [
        (
            name,
            found["ece"],
            found["brier"],
            *(found["by_language"][language]["ece"] for language in languages),
        )
        for name, found in figures.calibration.items()
    ]
    columns = ("head", "ECE", "Brier", *(f"ECE {language}" for language in languages))
    note = (
        "ECE: mean gap between stated probability and what came true, over ten equally filled bins; on some 200 "
        "tickets chance alone makes it about 0.05. Brier: mean squared gap. Urgency states the probability of "
        "being urgent, the others that of their best class."
    )
    grid = {name: _panels(figures, name, languages) for name in figures.calibration}
    return Section(
        "Do probabilities mean what they say?",
        tables=[Table("Calibration", columns, rows, note)],
        plots=[Plot(to_png(plot_reliability_grid(grid)), "Reliability: on the dotted line is honest.")],
    )


def _out_of_scope(figures: ModelFigures) -> Section:
    rows = [
        (f"{truth}: {score}", found["out_of_scope"], found["auroc"], found["aupr_out"], found["fpr95"])
        for truth, scores in figures.out_of_scope.items()
        for score, found in scores.items()
    ]
    columns = ("what is out of scope: by which score", "tickets", "AUROC", "AUPR-out", "FPR@95TPR")
    note = (
        "FPR@95TPR: share of the other tickets that would be held back to catch 95 % of those out of scope; lower "
        "is better. AUPR-out: mean precision of catching them. Novelty is the distance from everything the "
        "training tickets speak of, set against nearness to examples of what is out of scope, where there are "
        "any. Being unsure of the topic (one minus its probability) is the baseline; the last score has learnt "
        "such topics from labelled tickets."
    )
    tables = [Table("Telling them apart", columns, rows, note)] if rows else []
    return Section("What is not for the desk", tables=tables)


def _panels(
    figures: ModelFigures, head: str, languages: Sequence[str]
) -> Mapping[str, Sequence[ReliabilityPoint]]:
    stated, came_true = stated_probabilities(head, figures.tickets, figures.readings)
    panels: dict[str, Sequence[ReliabilityPoint]] = {"all": reliability(stated, came_true, BINS)}
    for language in languages:
        own = [i for i, ticket in enumerate(figures.tickets) if ticket.language == language]
        panels[language] = reliability(stated[own], came_true[own], BINS_OF_A_LANGUAGE)
    return panels


def _mistake_json(mistake: Mistake) -> dict[str, Any]:
    examples = [
        {"id": ticket.id, "language": str(ticket.language), "text": excerpt(ticket.text)}
        for ticket in mistake.tickets[:EXAMPLES]
    ]
    return {
        "truth": mistake.truth,
        "read": mistake.read,
        "tickets": len(mistake.tickets),
        "examples": examples,
    }


def _title(figure: str) -> str:
    return "Macro-F1" if figure == "macro_f1" else figure.capitalize()


def _words(figure: str) -> str:
    return "macro-F1" if figure == "macro_f1" else figure


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"

"""The page of ``firstline evaluate drift``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.drift import ALL_LANGUAGES, LANGUAGE, LEVEL, NOTABLE, TOPIC, Drift, Verdict
from evaluation.figures import plain
from evaluation.label_shift import LabelShift, Move
from evaluation.metrics import Interval
from evaluation.observation import Observation
from evaluation.plots import plot_densities, plot_intervals, to_png
from evaluation.report import Cell, Plot, Report, Section, Table

SHOWN = 15
OTHERS = ("channel", "category read", "sentiment read", "urgency read", "category on the label")


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two sets.

    Attributes:
        source: name of the file.
        tickets: in the file; `seen` holds those of them that were looked at.
    """

    source: str
    tickets: int
    seen: Observation

    @property
    def words(self) -> str:
        """What was looked at."""
        part = "" if len(self.seen) == self.tickets else f" of {self.tickets:,}, drawn at random"
        return f"{self.source}: {len(self.seen):,} tickets{part}"


@dataclass(frozen=True, eq=False)
class DriftFigures:
    """Two sets of tickets and how they differ."""

    reference: Side
    current: Side
    drift: Drift
    bundle: str
    index: str

    def moved(self, label: str) -> list[Move]:
        """Returns the values of a label that moved; none where the label as a whole did not."""
        drift = self.drift
        if label not in drift.labels or not drift.has_changed("labels", label):
            return []
        return drift.labels[label].moved(LEVEL)

    @property
    def moved_texts(self) -> list[str]:
        """The languages in which customers write about other things."""
        names = (name for name in self.drift.texts if name != ALL_LANGUAGES)
        return [name for name in names if self.drift.has_changed("texts", name)]


def drift_json(figures: DriftFigures) -> dict[str, Any]:
    """Returns what ``--json`` prints."""
    drift = figures.drift
    sides = {"reference": figures.reference, "current": figures.current}
    found: dict[str, Any] = plain(
        {
            "verdict": drift.verdict,
            **{
                name: {"source": side.source, "tickets": side.tickets, "looked_at": len(side.seen)}
                for name, side in sides.items()
            },
            "moved": {
                "languages": [move.value for move in figures.moved(LANGUAGE)],
                "topics": [move.value for move in figures.moved(TOPIC)],
                "texts_of_languages": figures.moved_texts,
            },
            "findings": [
                {**plain(finding), "change": finding.is_change, "notable": finding.is_notable}
                for finding in drift.findings
            ],
            "labels": {
                name: {**plain(shift), "effect": shift.effect} for name, shift in drift.labels.items()
            },
            "scores": drift.scores,
            "texts": drift.texts,
            "bundle": figures.bundle,
            "index": figures.index,
        }
    )
    return found


def drift_page(figures: DriftFigures) -> Report:
    """Returns the report."""
    return Report(
        title="Have the tickets changed?",
        summary=list(_summary(figures)),
        sections=[
            _languages(figures),
            _topics(figures),
            _scores(figures),
            _others(figures.drift),
            _tests(figures.drift),
        ],
        provenance={
            "reference": figures.reference.words,
            "current": figures.current.words,
            "bundle": figures.bundle,
            "index": figures.index,
            "command": "firstline evaluate drift",
        },
    )


def _summary(figures: DriftFigures) -> Iterator[str]:
    drift = figures.drift
    changes = [finding for finding in drift.findings if finding.is_change]
    sets = f"{figures.reference.words}; {figures.current.words}."
    if drift.verdict is Verdict.NONE:
        yield f"No drift: none of {len(drift.findings)} tests tells the two sets apart. {sets}"
    else:
        small = " None of the changes is large enough to matter." if drift.verdict is Verdict.SMALL else ""
        yield (
            f"{drift.verdict.capitalize()}: changes found by {len(changes)} of {len(drift.findings)} tests.{small} "
            f"{sets}"
        )
    for label, what in ((LANGUAGE, "Languages"), (TOPIC, "Topics")):
        moved = figures.moved(label)
        yield f"{what} that moved: {_moves_in_words(moved) or 'none'}."
    yield f"Languages whose customers write about other things: {', '.join(figures.moved_texts) or 'none'}."
    resolvable = drift.scores["predicted resolvable"]
    yield (
        f"Predicted resolvable: {resolvable.reference:.1%} of the reference, {resolvable.current:.1%} of the "
        f"current tickets."
    )


def _moves_in_words(moves: Sequence[Move]) -> str:
    shown = "; ".join(
        f"{move.value} {move.reference.value:.1%} → {move.current.value:.1%}" for move in moves[:5]
    )
    return shown + (f" and {len(moves) - 5} more" if len(moves) > 5 else "")


def _languages(figures: DriftFigures) -> Section:
    drift = figures.drift
    moved = {move.value for move in figures.moved(LANGUAGE)}
    rows: list[Sequence[Cell]] = []
    for move in sorted(drift.labels[LANGUAGE].moves, key=lambda move: move.value):
        texts = drift.texts.get(move.value)
        mmd2 = (f"{texts.mmd2:.4f}", f"{texts.chance:.4f}") if texts else (None, None)
        has_moved = "yes" if move.value in moved else "no"
        other_texts = ("yes" if move.value in figures.moved_texts else "no") if texts else None
        rows.append(
            (
                move.value,
                move.reference.value,
                move.current.value,
                move.difference,
                has_moved,
                *mmd2,
                other_texts,
            )
        )
    columns = ("language", "reference", "current", "difference", "moved", "MMD²", "by chance", "other texts")
    note = (
        "MMD²: squared maximum mean discrepancy of the embeddings within the language, 0 for the same texts; "
        "95 % of random divisions stay under the value by chance. It needs 20 tickets on both sides."
    )
    return Section(
        "Languages",
        tables=[Table("Share of the tickets, and what they say", columns, rows, note)],
        plots=[Plot(to_png(_share_plot(drift.labels[LANGUAGE])), "Share of each language.")],
    )


def _topics(figures: DriftFigures) -> Section:
    moved = {move.value for move in figures.moved(TOPIC)}
    moves = figures.drift.labels[TOPIC].moves[:SHOWN]
    rows = [
        (
            move.value,
            move.reference.value,
            move.current.value,
            move.difference,
            _p(move.p_value),
            "yes" if move.value in moved else "no",
        )
        for move in moves
    ]
    differences = {move.value: move.difference for move in moves}
    plot = plot_intervals({"difference": differences}, "difference of the shares", limits=None)
    columns = ("topic read", "reference", "current", "difference", "p", "moved")
    return Section(
        "Topics",
        tables=[Table(f"The {len(rows)} topics with the largest difference", columns, rows)],
        plots=[Plot(to_png(plot), "Current share minus reference share; zero is no change.")],
    )


def _scores(figures: DriftFigures) -> Section:
    rows = [
        (name, shift.reference, shift.current, shift.difference, _p(_adjusted(figures.drift, "scores", name)))
        for name, shift in figures.drift.scores.items()
    ]
    sides = {"reference": figures.reference.seen, "current": figures.current.seen}
    novelty = plot_densities(
        {name: seen.novelty for name, seen in sides.items()}, "distance from everything known"
    )
    chance = plot_densities(
        {name: seen.probability for name, seen in sides.items()},
        "probability that the best article resolves it",
    )
    columns = ("score", "reference", "current", "difference", "p")
    return Section(
        "Scores of the desk",
        tables=[Table("Means and shares", columns, rows)],
        plots=[
            Plot(to_png(novelty), "Further right is further out of scope."),
            Plot(to_png(chance), "Further right is easier to answer."),
        ],
    )


def _others(drift: Drift) -> Section:
    tables = []
    for name in OTHERS:
        if name not in drift.labels:
            continue
        rows = [
            (move.value, move.reference.value, move.current.value, move.difference, _p(move.p_value))
            for move in sorted(drift.labels[name].moves, key=lambda move: move.value)
        ]
        tables.append(Table(name.capitalize(), (name, "reference", "current", "difference", "p"), rows))
    return Section("Channels, categories and tone", tables=tables)


def _tests(drift: Drift) -> Section:
    rows = [
        (
            f"{finding.kind}: {finding.name}",
            f"{finding.effect:.4f}",
            _p(finding.p_value),
            "yes" if finding.is_change else "no",
            "yes" if finding.is_notable else "no",
        )
        for finding in drift.findings
    ]
    note = (
        "All p-values are corrected for the number of tests (Holm): without drift any change is found in at most "
        "one of twenty comparisons. Values within a label are corrected by Benjamini and Hochberg. Labels: "
        "permutation test of the total variation, joined with Fisher's tests of the values. Scores: Mann–Whitney "
        "or Fisher. Texts: kernel two-sample test (Gretton et al. 2012), 1,000 permutations of at most 1,500 tickets a "
        f"side. It matters from an effect of {NOTABLE['labels']:.2f} (labels, scores) or {NOTABLE['texts']} (texts)."
    )
    columns = ("test", "effect", "p", "change", "matters")
    return Section("Every test", tables=[Table("The surest change first", columns, rows, note)])


def _share_plot(shift: LabelShift) -> Any:
    moves = sorted(shift.moves, key=lambda move: move.value)
    series: Mapping[str, Mapping[str, Interval]] = {
        "reference": {move.value: move.reference for move in moves},
        "current": {move.value: move.current for move in moves},
    }
    return plot_intervals(series, "share of the tickets", limits=None)


def _adjusted(drift: Drift, kind: str, name: str) -> float:
    return next(found.p_value for found in drift.findings if (found.kind, found.name) == (kind, name))


def _p(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"

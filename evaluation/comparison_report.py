"""The HTML report of a contest between two bundles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evaluation.comparison import Compared, FigureName, SliceKind, agree
from evaluation.contest import Contest
from evaluation.plots import new_figure, to_png
from evaluation.report import Cell, Plot, Report, Section, Table
from evaluation.trial import Trial

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLES = {
    FigureName.CATEGORY: "category, macro-F1",
    FigureName.TOPIC: "topic, accuracy",
    FigureName.SENTIMENT: "sentiment, macro-F1",
    FigureName.URGENCY: "urgency, F1",
    FigureName.ARTICLE: "right article among tickets that have one",
    FigureName.ANSWERED: "share answered by itself",
    FigureName.ANSWERED_RIGHT: "share of the answers that is right",
    FigureName.CATEGORY_RECALL: "category, recall",
}
NOTE = (
    "Difference: second minus first, on the same tickets, with its paired bootstrap interval: at 95 % by itself, "
    "and so wide that the intervals of all judged figures hold together."
)
MEGABYTE = 1_000_000


def report_contest(contest: Contest, first: Trial, second: Trial, command: str) -> Report:
    """Returns the report of `second` against `first`, which both could be opened."""
    return Report(
        title=f"Bundle {second.bundle} against {first.bundle}",
        summary=_summary(contest, first, second),
        sections=[
            Section("Gates", "What promotion would ask of the second bundle.", [_gates(contest)]),
            Section(
                "All tickets", NOTE, [_compared("figures", _rows(contest, SliceKind.ALL))], [_plot(contest)]
            ),
            Section("By language", NOTE, _language_tables(contest)),
            Section(
                "By category",
                NOTE,
                [_compared("category, recall", _rows(contest, SliceKind.CATEGORY), "name")],
            ),
            Section("Decisions", "", [_decisions(first, second)]),
            Section("Thresholds, time and size", "", [_thresholds(first, second), _costs(first, second)]),
        ],
        provenance={
            "first": f"{first.bundle}, encoder {first.encoder}, index {first.index}",
            "second": f"{second.bundle}, encoder {second.encoder}, index {second.index}",
            "test tickets": f"{len(first.outcomes):,}",
            "command": command,
        },
    )


def _summary(contest: Contest, first: Trial, second: Trial) -> list[str]:
    gain = next(row for row in contest.compared if row.figure is FigureName.ANSWERED)
    passes = f"{second.bundle} passes every gate against {first.bundle}."
    refused = f"{second.bundle} would be refused: {'; '.join(contest.reasons)}."
    answers = (
        f"It answers {gain.second:.1%} of the tickets by itself instead of {gain.first:.1%} "
        f"({gain.interval.value:+.1%} [{gain.interval.low:+.1%}, {gain.interval.high:+.1%}])."
    )
    alike = f"Both do the same with {agree(first.outcomes, second.outcomes).share:.1%} of the tickets."
    return [refused if contest.reasons else passes, answers, alike]


def _gates(contest: Contest) -> Table:
    ordered = sorted(contest.verdicts, key=lambda verdict: verdict.passed)
    rows = [["passed" if verdict.passed else "refuses", verdict.sentence] for verdict in ordered]
    return Table("verdicts, refusals first", ("", "what was found, and what is asked"), rows)


def _rows(contest: Contest, kind: SliceKind) -> list[Compared]:
    return [row for row in contest.compared if row.kind is kind]


def _compared(title: str, rows: Sequence[Compared], first_column: str = "figure") -> Table:
    cells: list[list[Cell]] = [
        [
            TITLES[row.figure] if first_column == "figure" else row.name,
            row.tickets,
            row.first,
            row.second,
            row.interval,
            f"[{row.joint.low:.3f}, {row.joint.high:.3f}]",
        ]
        for row in rows
    ]
    return Table(title, (first_column, "tickets", "first", "second", "difference", "together"), cells)


def _language_tables(contest: Contest) -> list[Table]:
    rows = _rows(contest, SliceKind.LANGUAGE)
    return [
        _compared(TITLES[name], [row for row in rows if row.figure is name], "name")
        for name in FigureName
        if any(row.figure is name for row in rows)
    ]


def _decisions(first: Trial, second: Trial) -> Table:
    found = agree(first.outcomes, second.outcomes)
    rows: list[list[Cell]] = [
        ["answered by both", found.both],
        ["… with different articles", found.other_article],
        ["answered by the first only", found.only_first],
        ["answered by the second only", found.only_second],
        ["handed over by both", found.neither],
        ["read as the same category", found.same_category],
        ["the same done", found.share],
    ]
    return Table("how both decide about the same tickets", ("", "tickets"), rows)


def _thresholds(first: Trial, second: Trial) -> Table:
    def shown(trial: Trial, name: str) -> Cell:
        threshold = trial.thresholds.get(name)
        return None if threshold is None or threshold.value is None else float(threshold.value)

    names = sorted({*first.thresholds, *second.thresholds})
    rows = [[name, shown(first, name), shown(second, name)] for name in names]
    return Table("thresholds", ("category", "first", "second"), rows, "A dash: never answered.")


def _costs(first: Trial, second: Trial) -> Table:
    def megabytes(size: int | None) -> Cell:
        return None if size is None else size / MEGABYTE

    rows: list[list[Cell]] = [
        ["processor time of one ticket, ms", first.latency_ms, second.latency_ms],
        ["bundle, MB", megabytes(first.bundle_bytes), megabytes(second.bundle_bytes)],
        ["encoder, MB", megabytes(first.encoder_bytes), megabytes(second.encoder_bytes)],
    ]
    return Table("time and size", ("", "first", "second"), rows)


def _plot(contest: Contest) -> Plot:
    return Plot(
        to_png(_draw(_rows(contest, SliceKind.ALL), _rows(contest, SliceKind.LANGUAGE))),
        "Differences with their 95 % intervals, over all tickets (black) and by language; right of zero the second "
        "bundle is better.",
    )


def _draw(whole: Sequence[Compared], languages: Sequence[Compared]) -> Figure:
    names = [row.figure for row in whole]
    figure, axes = new_figure(8, 1.2 + 0.9 * len(names))
    groups = {"all": whole}
    groups.update({row.name: [] for row in languages})
    for row in languages:
        groups[row.name] = [*groups[row.name], row]
    for number, (label, rows) in enumerate(groups.items()):
        heights = np.array([names.index(row.figure) for row in rows]) + number / (len(groups) + 2)
        values = np.array([row.interval.value for row in rows])
        errors = np.array(
            [[row.interval.value - row.interval.low, row.interval.high - row.interval.value] for row in rows]
        ).T
        axes.errorbar(
            values,
            heights,
            xerr=np.maximum(errors, 0),
            fmt="o",
            ms=3,
            label=label,
            color=None if number else "black",
        )
    axes.axvline(0, color="grey", linestyle=":")
    axes.set_yticks(np.arange(len(names)) + 0.35, [TITLES[name] for name in names])
    axes.invert_yaxis()
    axes.set(xlabel="second − first")
    axes.legend(fontsize=8, ncols=len(groups))
    return figure

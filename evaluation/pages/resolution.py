"""The page of ``firstline evaluate resolution``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.schema import Article
from evaluation.claims import GROUP_CLAIMS, OVERALL_CLAIM
from evaluation.consistency import HARMLESS
from evaluation.figures import excerpt, plain
from evaluation.metrics import Interval
from evaluation.plots import plot_intervals, plot_risk_coverage, to_png
from evaluation.replay import Count, Replayed, ReplayReport
from evaluation.report import Cell, Plot, Report, Section, Table
from evaluation.selective import SCORER, Scored
from models.thresholds import Threshold

Articles = Mapping[tuple[str, str], Article]
EXACT = "Shares have exact 95 % intervals (Clopper–Pearson), the other figures bootstrap intervals."


@dataclass(frozen=True)
class ResolutionFigures:
    """Everything that was measured.

    Attributes:
        ways: of answering: the scorer and its baselines; `selection` has their figures.
        consistency: as `evaluation.consistency.measure_consistency` returns it.
        articles: of the index, by id and language.
        bound: the wrong share that the thresholds promise.
        source: the tickets, in words.
    """

    replayed: ReplayReport
    ways: Mapping[str, Scored]
    selection: Mapping[str, Mapping[str, Interval]]
    consistency: Mapping[str, Any]
    thresholds: Mapping[str, Threshold]
    articles: Articles
    bound: float
    source: str

    @property
    def wrong(self) -> list[Replayed]:
        """The tickets that were answered with the wrong article."""
        return [row for row in self.replayed.rows if row.answered and not row.right]


def resolution_json(figures: ResolutionFigures) -> dict[str, Any]:
    """Returns what ``--json`` prints."""
    replayed = figures.replayed
    slices = {
        "by_category": replayed.by_category(),
        "by_topic": replayed.by_topic(),
        "by_channel": replayed.by_channel(),
    }
    return {
        **replayed.json(),
        **{name: {key: found.row() for key, found in counts.items()} for name, counts in slices.items()},
        "why_not": dict(_why_not(replayed.rows)),
        "selection": plain(figures.selection),
        "thresholds": plain(figures.thresholds),
        "consistency": plain(figures.consistency),
        "wrong": [_wrong_json(row) for row in figures.wrong],
    }


def resolution_page(figures: ResolutionFigures) -> Report:
    """Returns the report."""
    replayed = figures.replayed
    return Report(
        title="What the desk would answer by itself",
        summary=_summary(figures),
        sections=[
            _groups(figures),
            *_slices(replayed),
            _selection(figures),
            _thresholds(figures),
            _consistency(figures),
            _why_not_section(replayed),
            _wrong_answers(figures),
        ],
        provenance={
            "tickets": figures.source,
            "bundle": replayed.bundle,
            "index": replayed.index,
            "command": "firstline evaluate resolution",
        },
    )


def _summary(figures: ResolutionFigures) -> list[str]:
    replayed = figures.replayed
    total, pass_k = replayed.total(), figures.consistency["pass_k"]
    resolvable = sum(row.ticket.article_id is not None for row in replayed.rows)
    right = (
        f"{total.right_share.value:.1%} of these answers are right ({_range(total.right_share)})"
        if total.auto_resolved
        else "nothing was answered"
    )
    best = figures.selection[SCORER]["coverage_at_95_precision"]
    never = sorted(name for name, found in figures.thresholds.items() if found.value is None)
    answers = (
        f"The desk answers {total.rate:.1%} of {total.tickets:,} tickets by itself "
        f"({_range(total.answered_share)}); {right}. An article could resolve {resolvable:,} of them."
    )
    potential = (
        f"Ordered by the scorer alone, {best.value:.1%} could be answered at 95 % precision; the desk answers "
        "less because its thresholds are promises and its rules keep some tickets for people."
    )
    steady = (
        f"Greeted, in other case, or with an order number, a ticket is decided correctly {pass_k[1].value:.1%} "
        f"of the time, and all {max(pass_k)} versions of it are in {pass_k[max(pass_k)].value:.1%} of the cases."
    )
    unproven = f"Never answered for want of evidence: {', '.join(never) or 'no category'}."
    return [answers, potential, unproven, steady]


def _groups(figures: ResolutionFigures) -> Section:
    counts, replayed = figures.replayed.by_group(), figures.replayed
    rows = [_count_row(name, found, GROUP_CLAIMS.get(name)) for name, found in counts.items()]
    rows.append(_count_row("all", replayed.total(), OVERALL_CLAIM))
    claims = {name: claim for name, claim in GROUP_CLAIMS.items() if name in counts}
    return Section(
        "By group of the brief",
        tables=[_count_table("Answered and right", "group", rows, claim=True)],
        plots=[_count_plot(counts, "Answered and right by group; the bar is the brief's claim.", claims)],
    )


def _slices(replayed: ReplayReport) -> list[Section]:
    slices = {
        "category": replayed.by_category(),
        "language": replayed.by_language(),
        "channel": replayed.by_channel(),
    }
    return [
        Section(
            f"By {name}",
            tables=[_count_table("Answered and right", name, [_count_row(*item) for item in counts.items()])],
            plots=[_count_plot(counts, f"Answered and right by {name}.")],
        )
        for name, counts in slices.items()
    ]


def _selection(figures: ResolutionFigures) -> Section:
    total = figures.replayed.total()
    curves = {name: (way.confidence, way.right) for name, way in figures.ways.items()}
    point = (total.rate, total.wrong / total.auto_resolved) if total.auto_resolved else None
    rows = [
        (name, found["aurc"], found["coverage_at_95_precision"]) for name, found in figures.selection.items()
    ]
    return Section(
        "The scorer beside plain maxima",
        "Each way answers the tickets it is surest of first. The lower its line, the fewer wrong answers at the "
        "same number of answers.",
        tables=[
            Table(
                "Risk and coverage",
                ("way", "AURC (lower is better)", "coverage at 95 % precision"),
                rows,
                "AURC: mean wrong share over all coverages. Tickets that no article resolves count as wrong. "
                "The likeliest topic answers with its article by its probability, the best search score with "
                f"the first article found. {EXACT}",
            )
        ],
        plots=[Plot(to_png(plot_risk_coverage(curves, figures.bound, point)), "Risk against coverage.")],
    )


def _thresholds(figures: ResolutionFigures) -> Section:
    rows = [
        (
            name,
            "never" if found.value is None else found.value,
            found.accepted,
            found.wrong,
            found.upper_bound,
            _remark(found),
        )
        for name, found in sorted(figures.thresholds.items())
    ]
    columns = ("category", "threshold", "answers", "wrong", "bound of the wrong share", "remark")
    return Section(
        "Thresholds and their evidence",
        f"Chosen on the calibration split so that at most {figures.bound:.0%} of the answers are wrong.",
        tables=[Table("By category, on the calibration split", columns, rows)],
    )


def _consistency(figures: ResolutionFigures) -> Section:
    found = figures.consistency
    kept = [
        (f"with another {name}" if name == "case" else f"with {name}", found["kept"][name])
        for name in HARMLESS
    ]
    languages = list(found["kept_by_language"].items())
    sizes = [(str(k), value) for k, value in found["pass_k"].items()]
    return Section(
        "The same ticket in other clothes",
        "A greeting, other case or an order number changes nothing about a request. The changes are of the kind "
        "that training adds, so this is the easy case; tests/behaviour has wordings that training never saw.",
        tables=[
            Table(
                "pass^k",
                ("k", "all k versions decided correctly"),
                sizes,
                "Correct: the right article, or a person where no article would be right. "
                f"Wrong answers that only a change brings about: {found['answers_turned_wrong']}.",
            ),
            Table("Decision and article stay", ("change", "tickets"), kept),
            Table("Decision and article stay under every change", ("language", "tickets"), languages),
        ],
    )


def _why_not_section(replayed: ReplayReport) -> Section:
    return Section(
        "What stood against an answer",
        tables=[
            Table(
                "Reasons of the gate",
                ("reason", "tickets", "the only reason"),
                [(name, *counts) for name, counts in _why_not(replayed.rows)],
                "A ticket can have several.",
            )
        ],
    )


def _wrong_answers(figures: ResolutionFigures) -> Section:
    rows = [
        (
            row.ticket.id,
            str(row.ticket.language),
            _title(figures.articles, row.outcome.explanation.article_id, str(row.ticket.language)),
            _title(figures.articles, row.ticket.article_id, str(row.ticket.language)),
            row.outcome.explanation.probability,
            excerpt(row.ticket.text),
        )
        for row in figures.wrong
    ]
    columns = ("ticket", "language", "article given", "article right", "probability", "text")
    tables = [Table("Every one of them", columns, rows, page_only=True)] if rows else []
    return Section(f"The wrong answers ({len(rows)})", tables=tables)


def _count_table(title: str, name: str, rows: Sequence[Sequence[Cell]], *, claim: bool = False) -> Table:
    columns = (name, "tickets", "answered", "share answered", "wrong", "share right")
    if not claim:
        return Table(title, columns, [row[:-1] for row in rows])
    note = f"claim: the share answered that the brief promises; a claim, not a measurement. {EXACT}"
    return Table(title, (*columns, "claim"), rows, note)


def _count_row(name: str, found: Count, claim: float | None = None) -> Sequence[Cell]:
    right = found.right_share if found.auto_resolved else None
    return name, found.tickets, found.auto_resolved, found.answered_share, found.wrong, right, claim


def _count_plot(counts: Mapping[str, Count], caption: str, claims: Mapping[str, float] | None = None) -> Plot:
    series = {
        "answered": {name: found.answered_share for name, found in counts.items() if found.tickets},
        "right": {name: found.right_share for name, found in counts.items() if found.auto_resolved},
    }
    return Plot(to_png(plot_intervals(series, "share", claims)), caption)


def _why_not(rows: Sequence[Replayed]) -> list[tuple[str, tuple[int, int]]]:
    """Returns by reason how many tickets it kept from an answer, and how many it alone; most first."""
    counts: dict[str, tuple[int, int]] = {}
    for row in rows:
        codes = {str(reason.code) for reason in row.outcome.decision.reasons}
        for code in codes if not row.answered else ():
            every, alone = counts.get(code, (0, 0))
            counts[code] = every + 1, alone + (len(codes) == 1)
    return sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))


def _wrong_json(row: Replayed) -> dict[str, Any]:
    seen, ticket = row.outcome.explanation, row.ticket
    return {
        "id": ticket.id,
        "language": str(ticket.language),
        "topic": ticket.topic,
        "topic_read": seen.topic.value,
        "article_given": seen.article_id,
        "article_right": ticket.article_id,
        "probability": seen.probability,
        "text": excerpt(ticket.text),
    }


def _title(articles: Articles, article_id: str | None, language: str) -> str:
    if article_id is None:
        return "none: for a person"
    versions = {lang: article for (found, lang), article in articles.items() if found == article_id}
    article = versions.get(language) or versions.get("en") or next(iter(versions.values()), None)
    return f"{article_id} {article.title}" if article else article_id


def _remark(found: Threshold) -> str:
    if found.labels_needed:
        together = " in all that share" if found.pooled else ""
        return f"{found.labels_needed} more labelled tickets as good as these{together} would do"
    if found.value is None:
        return "too many are wrong: more labels alone would not help"
    return "promised of all that share it, taken together" if found.pooled else ""


def _range(interval: Interval) -> str:
    return f"{interval.low:.1%} to {interval.high:.1%}"

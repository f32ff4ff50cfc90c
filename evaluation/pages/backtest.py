"""The page and the figures of ``firstline evaluate backtest``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from data.history.tickets import History
from evaluation.backtest.measures import Backtest, Mask
from evaluation.backtest.sentences import Judges, missing_labels, summarise
from evaluation.figures import excerpt, plain
from evaluation.metrics import Interval
from evaluation.plots import plot_intervals, plot_risk_coverage, to_png
from evaluation.report import Cell, Plot, Report, Section, Table

SLICES = {"by_category": "category", "by_language": "language", "by_channel": "channel", "by_month": "month"}


@dataclass(frozen=True)
class BacktestPage:
    """A backtest with where it came from.

    Attributes:
        seconds: from the export to the figures.
        examples: line and text of some tickets of each kind, to be shown shortened and scrubbed.
    """

    backtest: Backtest
    history: History
    judges: Judges
    seconds: float
    examples: Mapping[str, Sequence[tuple[int, str]]]

    @property
    def figures(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        found, columns = self.backtest, self.history.columns
        return {
            **plain(found.figures()),
            "labels_missing": [plain(row) for row in missing_labels(found)],
            "method": {
                "models": str(self.judges.models),
                "why": self.judges.why,
                "bundle": self.judges.bundle,
                "learnt_from": self.judges.learnt_from,
                "learnt_from_replies": self.judges.weak,
                "cut": found.cut.method,
                "measured_from": found.cut.at.date().isoformat() if found.cut.at else None,
                "empty_article_means": str(found.survey.empty_means),
                "guarantee": plain(asdict(found.bound)),
                "thresholds": plain(found.thresholds),
                "reply_bar": found.replies.bar,
                "reply_bar_validated": found.replies.validated,
                "reply_labels_agree_with_articles": plain(asdict(found.replies.check)),
                "reply_labels_checked": found.replies.checked,
            },
            "read": {
                "files": [source.path.name for source in self.history.sources],
                "format": str(self.history.sources[0].format),
                "encoding": self.history.sources[0].encoding,
                "separator": self.history.sources[0].separator,
                "columns": {str(field): name for field, name in columns.names.items()},
                "guessed": sorted(columns.guessed),
                "dates": str(self.history.date_order),
            },
            "seconds": self.seconds,
            "tickets_per_second": len(found.survey) / self.seconds if self.seconds else None,
        }


def backtest_page(page: BacktestPage, figures: Mapping[str, Any]) -> Report:
    """Returns the report; `figures` are those of the page."""
    found = page.backtest
    return Report(
        title="What Firstline would have answered",
        summary=summarise(page.judges, figures),
        sections=[
            _evidence_section(figures),
            *(_slice_section(name, figures[name]) for name in SLICES if figures[name]),
            _proof_section(found),
            _money_section(figures["money"]),
            *_ranking_section(found),
            _input_section(page, figures),
            *_example_sections(page),
        ],
        provenance={
            "tickets": ", ".join(figures["read"]["files"][:3]),
            "models": f"{page.judges.models}, bundle {page.judges.bundle}",
            "speed": f"{len(found.survey):,} tickets in {page.seconds:.0f} s",
            "command": "firstline evaluate backtest",
        },
    )


def _evidence_section(figures: Mapping[str, Any]) -> Section:
    rows: list[list[Cell]] = []
    for name, found in (("proven thresholds", figures), ("unproven", figures["unproven"])):
        precision = found["precision"]
        rows.append(
            [
                name,
                precision["answers"],
                _show(precision["labels"]),
                precision["labels"]["of"],
                _show(precision["replies"]),
                precision["replies"]["of"],
                precision["expected"],
            ]
        )
    columns = (
        "answers",
        "number",
        "right, by labels",
        "labelled",
        "agree with replies",
        "with such a reply",
        "expected",
    )
    return Section(
        "How right the answers would be, and who says so",
        "By labels: the export says which article solved the ticket. By replies: a weak label, the article that the "
        "human reply names or clearly resembles. Expected: the models' own probability, which nothing here checks.",
        tables=[
            _known_columns(
                "Three levels of evidence",
                columns,
                rows,
                "95 % intervals (Clopper–Pearson); repeated texts count once.",
            )
        ],
    )


def _slice_section(name: str, groups: Mapping[str, Any]) -> Section:
    kind = SLICES[name]
    rows: list[list[Cell]] = [
        [
            key,
            group["tickets"],
            _show(group["predicted_resolvable"]),
            _show(group["precision"]["labels"]),
            _show(group["precision"]["replies"]),
            group["precision"]["expected"],
            group["unproven_share"],
        ]
        for key, group in groups.items()
    ]
    columns = (
        kind,
        "tickets",
        "predicted resolvable",
        "right, by labels",
        "agree with replies",
        "expected",
        "unproven",
    )
    series = {
        "predicted resolvable": _intervals(groups, lambda group: group["predicted_resolvable"]),
        "right, by labels": _intervals(groups, lambda group: group["precision"]["labels"]),
    }
    plot = plot_intervals(
        {label: values for label, values in series.items() if values}, "share", limits=(0, 1)
    )
    return Section(
        f"By {kind}",
        tables=[_known_columns(f"Predicted resolvable by {kind}", columns, rows)],
        plots=[Plot(to_png(plot), f"Predicted resolvable, and right by labels, by {kind}.")],
    )


def _known_columns(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], note: str = ""
) -> Table:
    """Returns a table without the columns in which nothing is known."""
    kept = [place for place in range(len(columns)) if any(row[place] is not None for row in rows)]
    return Table(
        title, [columns[place] for place in kept], [[row[place] for place in kept] for row in rows], note
    )


def _intervals(groups: Mapping[str, Any], pick: Any) -> dict[str, Interval]:
    return {key: found for key, group in groups.items() if (found := _show(pick(group))) is not None}


def _proof_section(found: Backtest) -> Section:
    rows: list[list[Cell]] = []
    for name, proof in found.proofs.items():
        threshold = found.thresholds.get(name)
        rows.append(
            [
                name,
                "never" if threshold is None else threshold,
                str(proof.standing),
                proof.labelled,
                proof.answers,
                proof.wrong,
                proof.bound,
                proof.missing,
            ]
        )
    columns = (
        "category",
        "threshold",
        "on your labels",
        "labelled",
        "answers",
        "wrong",
        "bound",
        "labels missing",
    )
    words = [(row["category"], row["sentence"]) for row in missing_labels(found)]
    return Section(
        "What your labels prove, and which are missing",
        f"The promise: at most {found.bound.wrong_share:.0%} of the answers of a category wrong, with "
        f"{found.bound.confidence:.0%} confidence. Where the threshold is 'never', the labels are held against the "
        "threshold that the models' own expectation would choose.",
        tables=[
            Table(
                "By category",
                columns,
                rows,
                "labels missing: further tickets of the category, with the article that solved them, that would prove "
                "the promise if the answers stay as good.",
            ),
            Table("In words", ("", "what is missing"), words, page_only=True),
        ],
    )


def _money_section(money: Mapping[str, Any]) -> Section:
    costs = money["costs"]
    rows: list[list[Cell]] = [
        ["cost of a ticket, USD", _dollars(money["cost_per_ticket"])],
        ["savings over the measured tickets, USD", _dollars(money["savings"])],
        ["  lower end", _dollars(money["savings_low"])],
        ["  upper end", _dollars(money["savings_high"])],
        [
            "savings if each wrong answer costs a human ticket on top, USD",
            _dollars(money["savings_after_wrong_answers"]),
        ],
    ]
    return Section(
        "Money",
        f"With the costs of the policy file: {costs['traditional_ticket']:.2f} USD a ticket today, "
        f"{costs['human_ticket']:.2f} handed over, {costs['automated_ticket']:.2f} answered; target "
        f"{costs['target_ticket']:.2f}.",
        tables=[
            Table(
                "Cost and savings",
                ("", "predicted"),
                rows,
                "The ends are those of the predicted share's interval.",
            )
        ],
    )


def _ranking_section(found: Backtest) -> list[Section]:
    probability, right = found.curve()
    if not len(right) or right.all() or not right.any():
        return []
    evidence = found.evidence
    answers = evidence & found.answered
    point = None
    if answers.any():
        point = (float(answers.sum() / evidence.sum()), float((~found.right[answers]).mean()))
    plot = plot_risk_coverage({"resolution scorer": (probability, right)}, found.bound.wrong_share, point)
    text = "Over the labelled tickets, the surest answered first, before any other rule of the gate."
    return [Section("Risk against coverage", text, plots=[Plot(to_png(plot), "Risk against coverage.")])]


def _input_section(page: BacktestPage, figures: Mapping[str, Any]) -> Section:
    tickets, read = figures["tickets"], figures["read"]
    names = {
        "bad_dates": "dates that cannot be read",
        "repeated": "texts that came before (but for digits, case)",
    }
    counts: list[list[Cell]] = [
        [names.get(name, name.replace("_", " ")), value]
        for name, value in tickets.items()
        if isinstance(value, int)
    ]
    counts += [[f"skipped: {name.replace('_', ' ')}", value] for name, value in tickets["skipped"].items()]
    columns: list[list[Cell]] = [
        [field, name, "guessed" if field in read["guessed"] else "as told"]
        for field, name in read["columns"].items()
    ]
    return Section(
        "What was read",
        f"{read['format']}, {read['encoding']}; dates {read['dates']}. An empty cell in the article's column was "
        f"taken for {page.backtest.survey.empty_means} (none: no article solved it; unknown: it says nothing). "
        f"Models: {page.judges.why}.",
        tables=[
            Table("Columns", ("field", "column", ""), columns, "--column FIELD=HEADING corrects a guess."),
            Table("Rows", ("", "number"), counts),
        ],
    )


def _example_sections(page: BacktestPage) -> list[Section]:
    return [
        Section(
            title,
            "Shortened, without addresses and numbers; names may still stand in them.",
            tables=[
                Table(
                    title,
                    ("row", "text"),
                    [(str(line), excerpt(text)) for line, text in rows],
                    page_only=True,
                )
            ],
        )
        for title, rows in page.examples.items()
        if rows
    ]


def example_rows(found: Backtest, count: int) -> dict[str, Mask]:
    """Returns which tickets show what the figures mean, at most `count` of each kind, the first of the file."""
    kinds = {
        "Answers that the labels call wrong": found.answered & found.evidence & ~found.right,
        "Tickets that would have been answered": found.answered & ~found.survey.repeated,
        "Tickets that only proof is missing for": found.unproven & ~found.survey.repeated,
    }
    chosen = {}
    for name, rows in kinds.items():
        first = np.zeros_like(rows)
        first[np.flatnonzero(rows)[:count]] = True
        chosen[name] = first
    return chosen


def _show(found: Mapping[str, Any]) -> Interval | None:
    return Interval(found["value"], found["low"], found["high"]) if found["of"] else None


def _dollars(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"

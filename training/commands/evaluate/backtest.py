"""``firstline evaluate backtest``: what Firstline would have answered of a company's own history."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data.errors import DataError
from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, console, open_settings, var_folder

if TYPE_CHECKING:
    from rich.progress import Progress

    from data.history.tickets import History
    from data.schema import Article
    from evaluation.backtest.measures import Backtest
    from evaluation.pages.backtest import BacktestPage
    from serving.settings import Settings

TicketsOption = Annotated[
    Path,
    typer.Option(
        "--tickets",
        help="Export: CSV, JSON lines or JSON (Zendesk too), or a folder of such files.",
        exists=True,
    ),
]
ArticlesOption = Annotated[
    Path | None,
    typer.Option(
        "--articles",
        help="Articles: Markdown, HTML, text or JSON lines; default: the shipped ones.",
        exists=True,
        show_default=False,
    ),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="FIELD=HEADING, repeatable: message, subject, channel, created, article, reply, tags, status.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class BacktestOptions:
    """What the command was told beyond tickets and articles."""

    empty_article: str
    models: str
    since: datetime | None
    measured_share: float
    workers: int
    examples: int


def evaluate_backtest(
    tickets: TicketsOption,
    articles: ArticlesOption = None,
    column: ColumnOption = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Of the export; default: found out.", show_default=False)
    ] = None,
    empty_article: Annotated[
        str,
        typer.Option(
            "--empty-article",
            help="What an empty cell of the article's column means: unknown, or none (no article solved it).",
        ),
    ] = "unknown",
    models: Annotated[
        str, typer.Option("--models", help="auto, champion, trained (on the earlier part) or search_only.")
    ] = "auto",
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="First measured day, where models are trained."),
    ] = None,
    measured_share: Annotated[
        float,
        typer.Option(
            "--measured-share", min=0.05, max=0.95, help="Latest share that is measured without --since."
        ),
    ] = 0.4,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes; default: one a core, at most 8.")
    ] = min(8, os.cpu_count() or 1),
    examples: Annotated[
        int,
        typer.Option(
            "--examples", min=0, max=100, help="Tickets of each kind that the HTML report quotes, scrubbed."
        ),
    ] = 0,
    as_json: JsonOption = False,
    report: ReportOption = None,
    config: ConfigOption = None,
) -> None:
    """Say what share of a company's own history Firstline would have answered: *predicted resolvable*.

    Columns are guessed from their headings in six languages, and the guess is shown. Labels are used where they are:
    the article that solved a ticket, else what the human reply points to, else nothing but the models' expectation.

    Models: where the champion knows the articles it judges as it is and every ticket is measured. Otherwise a bundle
    is trained on the earlier labelled tickets and the later ones are measured; without labels search alone judges.
    Every customer is taken for one of the standard tier. Nothing is promoted or sent.

    JSON keys: predicted_resolvable {value, low, high, of} · precision {answers, labels, replies, expected} (labels and
    replies: {value, low, high, of, share_of_answers}) · unproven {predicted_resolvable, precision, thresholds} ·
    tickets (counts of rows, skipped, repeated, labelled …) · by_category, by_language, by_channel, by_month (each:
    tickets, predicted_resolvable, precision, unproven_share) · proof (by category: standing, labelled, answers, wrong,
    bound, missing) · labels_missing [{category, tickets, at_least, sentence}] · ranking {aurc,
    coverage_at_95_precision} · money {cost_per_ticket, savings, savings_low, savings_high,
    savings_after_wrong_answers} · method · read · seconds · tickets_per_second.
    """
    from data.articles import ARTICLES_DIR
    from data.company_articles import load_company_articles
    from data.history.columns import parse_columns
    from data.history.tickets import HistoryOptions, open_history
    from evaluation.pages.backtest import backtest_page

    settings = open_settings(config)
    moment = since.replace(tzinfo=UTC) if since else None
    options = BacktestOptions(empty_article, models, moment, measured_share, workers, examples)
    history = open_history(tickets, HistoryOptions(parse_columns(column or ()), encoding))
    known = load_company_articles(articles or ARTICLES_DIR)
    page = _run(settings, history, known, options)
    figures = page.figures
    path = report or var_folder(settings) / "reports" / "backtest.html"
    shown = backtest_page(page, figures)
    if not as_json:
        for sentence in shown.summary:
            console.print(sentence, highlight=False, markup=False)
    print_report(shown, figures, path, as_json=as_json)


def _run(
    settings: Settings, history: History, articles: Sequence[Article], options: BacktestOptions
) -> BacktestPage:
    from data.history.columns import Field
    from evaluation.backtest.judging import judge_history
    from evaluation.backtest.labels import ArticleNames
    from evaluation.backtest.measures import Backtest
    from evaluation.backtest.replies import read_replies
    from evaluation.backtest.survey import (
        EmptyArticle,
        cut_history,
        names_no_article,
        read_empty_as_none,
        survey,
    )
    from evaluation.pages.backtest import BacktestPage
    from training.backtest import Models, choose_models, open_workshop, prepare, resolution_config

    begun = time.perf_counter()
    names = ArticleNames.of(articles)
    empty, wanted = _choice(EmptyArticle, options.empty_article), _choice(Models, options.models)
    work = var_folder(settings) / "backtest"
    work.mkdir(parents=True, exist_ok=True)
    with _progress() as progress, tempfile.TemporaryDirectory(dir=work) as folder:
        reading = progress.add_task("reading", total=None)
        found = survey(history, names, lambda: progress.advance(reading))
        if empty is EmptyArticle.NONE and (found.truth >= 0).any():
            found = read_empty_as_none(found)
        progress.update(reading, total=max(1, len(found)), completed=max(1, len(found)))
        if not len(found):
            raise DataError(f"{history.sources[0].path}: no row is a ticket ({_reasons(found.skipped)})")
        if names_no_article(found):
            raise DataError(
                f"the column {history.columns.names.get(Field.ARTICLE)!r} names no article of the folder: "
                "give its articles with --articles, or another column with --column article=HEADING"
            )
        cut = cut_history(found, options.measured_share, options.since)
        preparing = progress.add_task("preparing models", total=None)
        workshop = open_workshop(settings, articles, Path(folder))
        with redirect_stdout(sys.stderr):  # training shows its progress; standard output is for the figures
            prepared = prepare(workshop, history, found, cut, choose_models(workshop, found, cut, wanted))
        progress.update(preparing, total=1, completed=1)
        judging = progress.add_task("judging", total=len(found))
        rows = judge_history(
            prepared.recipe,
            history.tickets(),
            options.workers,
            lambda count: progress.advance(judging, count),
        )
    backtest = Backtest(
        survey=found,
        cut=prepared.cut,
        judged=rows,
        channels=[str(ticket.channel or "unknown") for ticket in history.tickets()],
        replies=read_replies(found, rows),
        thresholds=_thresholds(settings, prepared.bundle),
        bound=resolution_config(settings).bound,
        costs=settings.costs,
    )
    return BacktestPage(
        backtest=backtest,
        history=history,
        models=str(prepared.models),
        why=prepared.why,
        learnt_from=prepared.learnt_from,
        weak=prepared.weak,
        bundle=prepared.bundle.version,
        seconds=time.perf_counter() - begun,
        workers=options.workers,
        article_ids=names.ids,
        examples=_examples(backtest, history, options.examples),
    )


def _choice(kind: Any, word: str) -> Any:
    try:
        return kind(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(kind)}") from None


def _thresholds(settings: Settings, bundle: Any) -> dict[str, float | None]:
    """Returns the threshold that each category is answered at, None for never."""
    fallback = settings.gate.fallback_threshold
    least = None if fallback == "never" else float(fallback)
    return {
        name: least if threshold.value is None else threshold.value
        for name, threshold in bundle.thresholds.items()
    }


def _examples(backtest: Backtest, history: History, count: int) -> dict[str, list[tuple[int, str]]]:
    from evaluation.pages.backtest import example_rows

    if not count:
        return {}
    chosen = example_rows(backtest, count)
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in chosen}
    for number, ticket in enumerate(history.tickets()):
        for name, rows in chosen.items():
            if rows[number]:
                found[name].append((ticket.line, ticket.text))
    return found


def _reasons(skipped: Any) -> str:
    return (
        ", ".join(f"{count:,} {reason.value.replace('_', ' ')}" for reason, count in skipped.items())
        or "no rows"
    )


@contextmanager
def _progress() -> Iterator[Progress]:
    """Yields a progress bar on standard error; none where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield progress

"""``firstline evaluate backtest``: what Firstline would have answered of a company's own history."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.backtest.choices import EmptyArticle, ModelChoice
from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder

if TYPE_CHECKING:
    from data.history.tickets import History
    from data.schema import Article
    from evaluation.pages.backtest import BacktestPage
    from serving.settings import Settings
    from training.backtest.run import BacktestOptions

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


def evaluate_backtest(
    tickets: TicketsOption,
    articles: ArticlesOption = None,
    column: ColumnOption = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Of the export; default: found out.", show_default=False)
    ] = None,
    empty_article: Annotated[
        EmptyArticle,
        typer.Option(
            "--empty-article",
            help="What an empty cell of the article's column means: unknown, or none (no article solved it).",
        ),
    ] = EmptyArticle.UNKNOWN,
    models: Annotated[
        ModelChoice,
        typer.Option("--models", help="What judges; trained: on the earlier part of these tickets."),
    ] = ModelChoice.AUTO,
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

    JSON keys: predicted_resolvable {value, low, high, of} · precision {answers, labels, labels_if_empty_is_none,
    replies, expected} (labels and replies: {value, low, high, of, share_of_answers}) · unproven
    {predicted_resolvable, precision, thresholds} · unfamiliar {value, of_answers} (unlike the tickets that the models
    were made with; null where unknown) · tickets (counts: rows, skipped, repeated, labelled …) · by_category,
    by_language, by_channel, by_month (each: tickets, predicted_resolvable, precision, unproven_share) · proof (by
    category: standing, labelled, answers, wrong, bound, missing) · labels_missing [{category, tickets, at_least,
    sentence}] · ranking {aurc, coverage_at_95_precision} · money {cost_per_ticket, savings, savings_low, savings_high,
    savings_after_wrong_answers} · method · read · seconds · tickets_per_second.
    """
    from data.articles import ARTICLES_DIR
    from data.company_articles import load_company_articles
    from data.history.columns import parse_columns
    from data.history.tickets import HistoryOptions, open_history
    from evaluation.pages.backtest import backtest_page
    from training.backtest.run import BacktestOptions

    settings = open_settings(config)
    moment = since.replace(tzinfo=UTC) if since else None
    options = BacktestOptions(empty_article, models, moment, measured_share, workers, examples)
    history = open_history(tickets, HistoryOptions(parse_columns(column or ()), encoding))
    known = load_company_articles(articles or ARTICLES_DIR)
    page = _run(settings, history, known, options)
    figures = page.figures
    path = report or var_folder(settings) / "reports" / "backtest.html"
    print_report(backtest_page(page, figures), figures, path, as_json=as_json)


def _run(
    settings: Settings, history: History, articles: Sequence[Article], options: BacktestOptions
) -> BacktestPage:
    """Runs with a progress bar on standard error, where training shows its own; standard output is for the figures."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from training.backtest.run import PREPARING, run_backtest

    with Progress(console=Console(stderr=True), transient=True) as progress, redirect_stdout(sys.stderr):
        bars: dict[str, TaskID] = {}

        def watch(phase: str, done: int, total: int | None) -> None:
            if phase == PREPARING:
                progress.stop()  # training draws bars of its own
                return
            if phase not in bars:
                progress.start()
                bars[phase] = progress.add_task(phase, total=total)
            progress.advance(bars[phase], done)

        return run_backtest(settings, history, articles, options, var_folder(settings) / "backtest", watch)

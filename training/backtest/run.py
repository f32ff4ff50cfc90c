"""A backtest from the export to its page: look through, prepare models, judge, read the replies."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data.errors import DataError
from data.history.columns import Field
from data.history.tickets import History
from data.schema import Article
from evaluation.backtest.choices import EmptyArticle, ModelChoice
from evaluation.backtest.judging import judge_history
from evaluation.backtest.labels import ArticleNames
from evaluation.backtest.measures import Backtest
from evaluation.backtest.replies import read_replies
from evaluation.backtest.survey import Survey, cut_history, names_no_article, read_empty_as_none, survey
from evaluation.pages.backtest import BacktestPage, example_rows
from models.thresholds import Threshold
from serving.settings import Settings
from training.backtest.prepare import Prepared, prepare_best, resolution_config
from training.backtest.workshop import open_workshop

PREPARING = "preparing models"
WORTH_A_PROCESS = 4_000
"""Tickets; opening the models once more takes as long as judging so many."""
Watch = Callable[[str, int, int | None], None]
"""Told what is being done, how many tickets more it is done for, and how many there are, None while unknown."""


@dataclass(frozen=True)
class BacktestOptions:
    """What a user decides beyond tickets and articles.

    Attributes:
        since: first measured day where models are trained; None measures the latest `measured_share`.
        workers: processes that judge.
        examples: tickets of each kind that the page quotes.
    """

    empty_article: EmptyArticle = EmptyArticle.UNKNOWN
    models: ModelChoice = ModelChoice.AUTO
    since: datetime | None = None
    measured_share: float = 0.4
    workers: int = 1
    examples: int = 0


def run_backtest(
    settings: Settings,
    history: History,
    articles: Sequence[Article],
    options: BacktestOptions,
    work: Path,
    watch: Watch = lambda _phase, _done, _total: None,
) -> BacktestPage:
    """Returns the page of a backtest; what it writes to the folder `work` is removed again.

    Raises:
        DataError: no row is a ticket, or the labels name other articles.
        FirstlineError: nothing was trained yet, or what is there cannot be learnt from.
    """
    begun = time.perf_counter()
    found = _look_through(history, ArticleNames.of(articles), options.empty_article, watch)
    cut = cut_history(found, options.measured_share, options.since)
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        watch(PREPARING, 0, None)
        workshop = open_workshop(settings, articles, Path(folder))
        prepared = prepare_best(workshop, history, found, cut, options.models)
        total = len(found)
        workers = min(options.workers, 1 + total // WORTH_A_PROCESS)
        judged = judge_history(
            prepared.recipe, history.tickets(), workers, lambda done: watch("judging", done, total)
        )
    backtest = Backtest(
        survey=found,
        cut=prepared.cut,
        judged=judged,
        replies=read_replies(found, judged),
        thresholds=_applied_thresholds(settings, prepared.bundle.thresholds),
        bound=resolution_config(settings).bound,
        costs=settings.costs,
        familiar=prepared.familiar,
    )
    examples = _find_examples(backtest, history, options.examples) if options.examples else {}
    return _page(backtest, history, prepared, examples, time.perf_counter() - begun)


def _look_through(history: History, names: ArticleNames, empty: EmptyArticle, watch: Watch) -> Survey:
    found = survey(history, names, lambda: watch("reading", 1, None))
    if not len(found):
        reasons = ", ".join(
            f"{count:,} {reason.replace('_', ' ')}" for reason, count in found.skipped.items()
        )
        raise DataError(f"{history.sources[0].path}: no row is a ticket ({reasons or 'no rows'})")
    if names_no_article(found):
        raise DataError(
            f"the column {history.columns.names.get(Field.ARTICLE)!r} names no article of the folder: "
            "give its articles with --articles, or another column with --column article=HEADING"
        )
    labelled = bool((found.truth >= 0).any())
    return read_empty_as_none(found) if labelled and empty is EmptyArticle.NONE else found


def _applied_thresholds(settings: Settings, chosen: Mapping[str, Threshold]) -> dict[str, float | None]:
    """Returns the threshold that each category is answered at, None for never."""
    fallback = settings.gate.fallback_threshold
    least = None if fallback == "never" else float(fallback)
    return {name: least if found.value is None else found.value for name, found in chosen.items()}


def _find_examples(backtest: Backtest, history: History, count: int) -> dict[str, list[tuple[int, str]]]:
    chosen = example_rows(backtest, count)
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in chosen}
    for number, ticket in enumerate(history.tickets()):
        for name, rows in chosen.items():
            if rows[number]:
                found[name].append((ticket.line, ticket.text))
    return found


def _page(
    backtest: Backtest,
    history: History,
    prepared: Prepared,
    examples: Mapping[str, Sequence[tuple[int, str]]],
    seconds: float,
) -> BacktestPage:
    return BacktestPage(
        backtest=backtest,
        history=history,
        judges=prepared.judges,
        seconds=seconds,
        examples=examples,
    )

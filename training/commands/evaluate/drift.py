"""``firstline evaluate drift``: whether the tickets of today are those the models know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder

if TYPE_CHECKING:
    from evaluation.pages.drift import Side
    from models.bundle import Bundle
    from serving.offline import OfflineDesk

FILE_HELP = "JSON lines or CSV with a field `message`; others of `predict`, `category` and `topic` are used."
SampleOption = Annotated[
    int, typer.Option("--sample", min=100, help="Tickets to look at, drawn at random where there are more.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Same seed and data: same numbers.")]


def evaluate_drift(
    reference: Annotated[
        Path, typer.Option("--reference", help=f"Tickets of then. {FILE_HELP}", exists=True)
    ],
    current: Annotated[Path, typer.Option("--current", help="Tickets of now, likewise.", exists=True)],
    sample: SampleOption = 20_000,
    seed: SeedOption = 13,
    as_json: JsonOption = False,
    report: ReportOption = None,
    config: ConfigOption = None,
) -> None:
    """Compare two sets of tickets: languages, topics, texts and scores, with a verdict."""
    from evaluation.drift import measure_drift
    from evaluation.pages.drift import DriftFigures, drift_json, drift_page
    from serving.offline import assemble_desk, open_parts

    settings = open_settings(config)
    bundle, index = open_parts(settings)
    opened = assemble_desk(settings, bundle, index)
    before, after = (_look_at(path, opened, bundle, sample, seed) for path in (reference, current))
    drift = measure_drift(before.seen, after.seen, seed=seed)
    figures = DriftFigures(before, after, drift, bundle.version, index.version)
    path = report or var_folder(settings) / "reports" / "drift.html"
    print_report(drift_page(figures), drift_json(figures), path, as_json=as_json)


def _look_at(path: Path, opened: OfflineDesk, bundle: Bundle, sample: int, seed: int) -> Side:
    from evaluation.observation import observe
    from evaluation.offline import handle_tickets, sample_tickets
    from evaluation.pages.drift import Side
    from evaluation.ticket_file import read_ticket_file

    tickets = read_ticket_file(path)
    chosen = sample_tickets(tickets, sample, seed)
    seen = observe(handle_tickets(opened.desk, chosen), bundle.scorer.topic_articles.by_topic)
    return Side(path.name, len(tickets), seen)

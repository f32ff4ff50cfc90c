"""``firstline evaluate gaps``: what the knowledge base lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder

if TYPE_CHECKING:
    from evaluation.ticket_file import FileTicket
    from serving.settings import Settings

TicketsOption = Annotated[
    Path | None,
    typer.Option(
        "--tickets",
        help="JSON lines or CSV with a field `message`, or a folder of them.",
        show_default=False,
        exists=True,
    ),
]
DatabaseOption = Annotated[
    bool, typer.Option("--database", help="The desk's own tickets that were not answered automatically.")
]
SampleOption = Annotated[
    int,
    typer.Option(
        "--sample", min=100, help="Tickets to read: drawn at random, or the newest of the database."
    ),
]
FewestOption = Annotated[int, typer.Option("--fewest", min=2, help="Tickets that make a group.")]
DistanceOption = Annotated[
    float,
    typer.Option("--distance", min=0.0, max=2.0, help="Smaller: more and purer groups. Cosine distance."),
]


def evaluate_gaps(
    tickets: TicketsOption = None,
    database: DatabaseOption = False,
    sample: SampleOption = 50_000,
    fewest: FewestOption = 5,
    distance: DistanceOption = 0.85,
    as_json: JsonOption = False,
    report: ReportOption = None,
    config: ConfigOption = None,
) -> None:
    """Group the tickets that no article answers, across languages: what to write next."""
    from evaluation.gaps import cluster_gaps, collect_gaps, measure_purity
    from evaluation.offline import handle_tickets
    from evaluation.pages.gaps import GapFigures, gaps_json, gaps_page
    from serving.offline import assemble_desk, open_parts

    if database == (tickets is not None):
        raise typer.BadParameter("give either --tickets FILE or --database")
    settings = open_settings(config)
    bundle, index = open_parts(settings)
    read, total, source = _from_file(tickets, sample) if tickets else _from_database(settings, sample)
    opened = assemble_desk(settings, bundle, index)
    inbox = collect_gaps(handle_tickets(opened.desk, read), frozenset(settings.gate.never_topics))
    clusters, labels = cluster_gaps(inbox, bundle.encoder.encode, distance=distance, fewest=fewest)
    figures = GapFigures(
        inbox=inbox,
        clusters=clusters,
        all_tickets=total,
        purity=measure_purity(inbox, labels, bundle.scorer.topic_articles.by_topic),
        articles=index.articles,
        saving=settings.costs.human_ticket - settings.costs.automated_ticket,
        source=source,
        bundle=bundle.version,
        index=index.version,
    )
    path = report or var_folder(settings) / "reports" / "gaps.html"
    print_report(gaps_page(figures), gaps_json(figures), path, as_json=as_json)


def _from_file(path: Path, sample: int) -> tuple[list[FileTicket], int, str]:
    """Returns the tickets to read, the number that shares are of, and both in words."""
    from evaluation.offline import sample_tickets
    from evaluation.ticket_file import read_ticket_file

    tickets = read_ticket_file(path)
    read = sample_tickets(tickets, sample)
    part = "" if len(read) == len(tickets) else f" of {len(tickets):,}, drawn at random"
    return read, len(read), f"{path.name}: {len(read):,}{part}"


def _from_database(settings: Settings, sample: int) -> tuple[list[FileTicket], int, str]:
    from data.errors import DataError
    from data.schema import Channel
    from evaluation.ticket_file import FileTicket
    from serving.storage import check_revision, open_database, read_unanswered

    database = open_database(settings.database.url)
    try:
        check_revision(database)
        found, total = read_unanswered(database, sample)
    finally:
        database.close()
    if not found:
        raise DataError(f"{database.address}: no ticket went to people, so nothing is missing yet")
    tickets = [
        FileTicket(row.id, row.id, row.subject, row.message, row.language, Channel(row.channel), None, None)
        for row in found
    ]
    return tickets, total, f"{database.address}: {len(found):,} not answered of {total:,}"

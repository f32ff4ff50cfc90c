"""``firstline tickets``: a look at the corpus."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer


def show_tickets(
    count: Annotated[int, typer.Option("--count", min=1, help="Tickets a language and split.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Another seed shows others.")] = 13,
    tickets: Annotated[
        Path | None,
        typer.Option("--tickets", help="Labelled tickets; default: the shipped ones.", show_default=False),
    ] = None,
) -> None:
    """Show random tickets of each language and split with their labels, to judge them by."""
    from data.schema import Language, Split
    from data.tickets import TICKETS_DIR, load_tickets

    source, found = random.Random(seed), load_tickets(tickets or TICKETS_DIR)
    for split in Split:
        for language in Language:
            own = [ticket for ticket in found if ticket.split is split and ticket.language is language]
            typer.echo(f"\n== {language} {split}: {len(own):,} tickets")
            for ticket in source.sample(own, min(count, len(own))):
                urgent = ", urgent" if ticket.urgent else ""
                typer.echo(f"[{ticket.topic}, {ticket.sentiment}{urgent}, {ticket.channel}] {ticket.text!r}")

"""What the commands on labelled tickets share: which tickets, and what their topics are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.schema import Split

if TYPE_CHECKING:
    from data.schema import LabelledTicket

TicketsOption = Annotated[
    Path | None,
    typer.Option(
        "--tickets",
        help="Labelled tickets: a folder or file (*.jsonl, *.csv); default: the shipped ones.",
        show_default=False,
        exists=True,
    ),
]
SplitOption = Annotated[Split, typer.Option("--split", help="Which of them.")]
TaxonomyOption = Annotated[
    Path | None,
    typer.Option(
        "--taxonomy",
        help="TOML file of topics; default: the shipped one.",
        show_default=False,
        exists=True,
        dir_okay=False,
    ),
]


def read_labelled(tickets: Path | None, split: Split) -> tuple[list[LabelledTicket], str]:
    """Returns the tickets of one split, and what they are in words.

    Raises:
        DataError: a row is not a ticket, or the split is empty.
    """
    from data.errors import DataError
    from data.tickets import TICKETS_DIR, load_tickets

    source = tickets or TICKETS_DIR
    found = [ticket for ticket in load_tickets(source) if ticket.split is split]
    if not found:
        raise DataError(f"{source} has no ticket of the {split} split: choose another with --split")
    name = "shipped" if tickets is None else tickets.name
    return found, f"{len(found):,} of the {split} split ({name})"

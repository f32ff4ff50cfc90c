"""What every command of the laboratory shares: the report's path, and printing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.commands.options import console

if TYPE_CHECKING:
    from evaluation.report import Report, Table

ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        help="HTML report to write; default: var/reports/<command>.html.",
        show_default=False,
        dir_okay=False,
    ),
]

EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="Encoder folder (ours or sentence-transformers) or hub id; default: the configured one.",
        show_default=False,
    ),
]


def print_report(report: Report, figures: Mapping[str, Any], path: Path, *, as_json: bool) -> None:
    """Writes the HTML report to `path`, and prints the figures as JSON or its summary and tables as text."""
    from evaluation.report import write_report

    write_report(report, path)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, allow_nan=False))
        return
    for sentence in report.summary:
        console.print(sentence, highlight=False, markup=False)
    for section in report.sections:
        for table in section.tables:
            if not table.page_only:
                _print_table(table)
    console.print(f"report: {path}", highlight=False, soft_wrap=True)


def _print_table(table: Table) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(
        title=Text(table.title), title_justify="left", caption=Text(table.note) if table.note else None
    )
    for number, column in enumerate(table.columns):
        shown.add_column(Text(column), justify="left" if number == 0 else "right")
    for row in table.texts():
        shown.add_row(*map(Text, row))
    console.print(shown)

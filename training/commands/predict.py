"""``firstline predict``: offline decisions for a file of tickets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from training.commands.options import ConfigOption, open_settings


def predict(
    source: Annotated[
        Path, typer.Option("--input", help="JSON lines with at least `message`.", exists=True, dir_okay=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", help="Where the predictions are written.", dir_okay=False)
    ],
    config: ConfigOption = None,
) -> None:
    """Write what the desk would do with each ticket; bad rows are reported and passed over (exit code 1)."""
    from evaluation.prediction import predict_lines
    from serving.offline import open_offline_desk

    if source.resolve() == output.resolve():
        raise typer.BadParameter("is the input; name another file", param_hint="--output")
    opened = open_offline_desk(open_settings(config))
    started = time.perf_counter()
    with (
        source.open(encoding="utf-8-sig", errors="surrogateescape") as lines,
        output.open("w", encoding="utf-8") as written,
    ):
        report = predict_lines(opened.desk, lines, written)
    seconds = time.perf_counter() - started
    for line, problem in report.problems:
        typer.echo(f"{source}:{line}: {problem}", err=True)
    typer.echo(
        f"{report.predicted} tickets in {seconds:.1f} s ({report.predicted / max(seconds, 1e-9):,.0f}/s), "
        f"{report.auto_resolved} would be answered; bundle {opened.bundle_version}, index {opened.index_version}",
        err=True,
    )
    if report.problems:
        raise typer.Exit(1)

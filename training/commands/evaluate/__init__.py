"""``firstline evaluate``: the laboratory. Every command prints JSON with ``--json`` and writes an HTML report."""

from __future__ import annotations

import typer

from training.commands.evaluate import (
    backtest,
    benchmark,
    bitext,
    drift,
    gaps,
    models,
    promise,
    resolution,
    retrieval,
)

app = typer.Typer(help="Measure models, retrieval, drift and a company's own history.", no_args_is_help=True)
app.command("backtest")(backtest.evaluate_backtest)
app.command("benchmark")(benchmark.benchmark)
app.command("bitext")(bitext.bitext)
app.command("drift")(drift.evaluate_drift)
app.command("gaps")(gaps.evaluate_gaps)
app.command("models")(models.evaluate_models)
app.command("promise")(promise.evaluate_promise)
app.command("resolution")(resolution.evaluate_resolution)
app.command("retrieval")(retrieval.retrieval)

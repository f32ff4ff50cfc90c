"""``firstline evaluate bitext``: does the encoder find a sentence's translation?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.evaluate.options import EncoderOption, ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder

if TYPE_CHECKING:
    from evaluation.bitext import BitextResult
    from evaluation.report import Report

EXAMPLES = 15


def bitext(
    pairs: Annotated[
        Path, typer.Option("--pairs", help='Rows {"en", "text"}, with or without "language".', dir_okay=False)
    ],
    encoder: EncoderOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Show how often a sentence's nearest neighbour in the other language is its translation, both ways."""
    from data.bitext import load_pairs
    from evaluation.bitext import measure_bitext
    from models.encoder import open_encoder

    settings = open_settings(config)
    rows = load_pairs(pairs)
    opened = open_encoder(encoder or settings.models.encoder)
    result = measure_bitext(rows, opened)
    page = _report(result, {"encoder": opened.id, "pairs": str(pairs)})
    path = report or var_folder(settings) / "reports" / "bitext.html"
    print_report(page, result.figures(), path, as_json=as_json)


def _report(result: BitextResult, provenance: dict[str, str]) -> Report:
    from evaluation.bootstrap import bootstrap_mean
    from evaluation.plots import plot_intervals, to_png
    from evaluation.report import Plot, Report, Section, Table

    groups = {(name or "all"): rows for name, rows in result.rows_by_language().items()}
    forward = {name: bootstrap_mean(result.en_to_x[rows]) for name, rows in groups.items()}
    backward = {name: bootstrap_mean(result.x_to_en[rows]) for name, rows in groups.items()}
    table = Table(
        "Accuracy at 1",
        ("language", "pairs", "from English", "to English"),
        [(name, len(rows), forward[name], backward[name]) for name, rows in groups.items()],
        "A sentence in several pairs is found with the other side of any of them. 95 % bootstrap intervals.",
    )
    picture = plot_intervals({"from English": forward, "to English": backward}, "accuracy at 1")
    wrong = [row for row, right in enumerate(result.en_to_x) if not right][:EXAMPLES]
    missed = Table(
        "English sentences whose translation was not the nearest",
        ("English", "its translation", "nearest"),
        [(result.pairs[row].english, result.pairs[row].text, result.found[row]) for row in wrong],
        f"The first {EXAMPLES} of {int((~result.en_to_x).sum()):,}.",
    )
    figures = f"{result.en_to_x.mean():.3f} from English and {result.x_to_en.mean():.3f} to English"
    return Report(
        "Bitext retrieval",
        [f"Of {len(result.pairs):,} pairs, the translation is the nearest sentence for {figures}."],
        [
            Section("Accuracy", tables=[table], plots=[Plot(to_png(picture), "Accuracy at 1 by language.")]),
            Section("What was missed", tables=[missed] if wrong else []),
        ],
        provenance,
    )

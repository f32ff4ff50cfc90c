"""``firstline evaluate retrieval``: does a search find the document that answers a question?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.evaluate.options import EncoderOption, ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder

if TYPE_CHECKING:
    from evaluation.report import Report
    from evaluation.retrieval import RetrievalResult

EXAMPLES = 15


def retrieval(
    docs: Annotated[Path, typer.Option("--docs", help='Rows {"id", "text"}.', dir_okay=False)],
    queries: Annotated[
        Path,
        typer.Option(
            "--queries", help='Rows {"id", "text", "doc"}: doc is the id of the answer.', dir_okay=False
        ),
    ],
    encoder: EncoderOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Show how often the right document is found by meaning, by words, and by both joined."""
    from data.retrieval import load_documents, load_queries
    from evaluation.retrieval import measure_retrieval
    from models.encoder import open_encoder

    settings = open_settings(config)
    documents, asked = load_documents(docs), load_queries(queries)
    opened = open_encoder(encoder or settings.models.encoder)
    result = measure_retrieval(documents, asked, opened)
    page = _report(result, {"encoder": opened.id, "documents": str(docs), "queries": str(queries)})
    path = report or var_folder(settings) / "reports" / "retrieval.html"
    print_report(page, result.figures(), path, as_json=as_json)


def _report(result: RetrievalResult, provenance: dict[str, str]) -> Report:
    from evaluation.bootstrap import bootstrap_mean
    from evaluation.plots import plot_intervals, to_png
    from evaluation.report import Plot, Report, Section, Table
    from evaluation.retrieval import FIGURES, Side, query_figures

    intervals = {
        str(side): {name: bootstrap_mean(values) for name, values in query_figures(ranks).items()}
        for side, ranks in result.ranks.items()
    }
    table = Table(
        "Where the right document stands",
        ("search", *FIGURES),
        [(side, *(found[name] for name in FIGURES)) for side, found in intervals.items()],
        "Dense: best sentence and whole passage. Lexical: BM25 of both. Fused: learnt weights on both scores. "
        "95 % bootstrap intervals.",
    )
    missed = [row for row, rank in enumerate(result.ranks[Side.FUSED]) if rank >= 10][:EXAMPLES]
    examples = Table(
        "Questions whose document is not among the first ten",
        ("question", "document"),
        [(result.queries[row].text, result.queries[row].document) for row in missed],
    )
    fused = intervals[str(Side.FUSED)]
    first, ten = fused["recall@1"].value, fused["recall@10"].value
    asked = f"{len(result.queries):,} questions, {result.documents:,} documents"
    summary = [f"{asked}: the right one is first for {first:.3f} and among ten for {ten:.3f}."]
    if result.skipped:
        summary.append(
            f"{result.skipped:,} questions ask for a document that is not there; they do not count."
        )
    return Report(
        "Retrieval",
        summary,
        [
            Section(
                "Figures",
                tables=[table],
                plots=[Plot(to_png(plot_intervals(intervals, "share")), "Figures of each search.")],
            ),
            Section("What was missed", tables=[examples] if missed else []),
        ],
        {**provenance, "sharpness of the encoder on these documents": f"{result.sharpness:.2f}"},
    )

"""``firstline evaluate benchmark``: how good is a head of ours on a labelled set?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from models.head_kinds import HeadKind
from training.commands.evaluate.options import EncoderOption, ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder


def benchmark(
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            help="Folder of train.jsonl, dev.jsonl, test.jsonl, or en.train.jsonl …",
            file_okay=False,
        ),
    ],
    shots: Annotated[
        int | None,
        typer.Option("--shots", min=1, help="Train on so many rows a label.", show_default=False),
    ] = None,
    train_languages: Annotated[
        str | None,
        typer.Option(
            "--train-languages",
            help="Train on these only, e.g. en or en,de; all are measured.",
            show_default=False,
        ),
    ] = None,
    encoder: EncoderOption = None,
    heads: Annotated[
        HeadKind | None,
        typer.Option("--heads", help="Kind of head; default: the configured one.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Same seed and data: same numbers.")] = 13,
    baseline: Annotated[
        bool,
        typer.Option(
            "--baseline", help="Train character n-gram TF-IDF with logistic regression, too, to compare."
        ),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Train on the training split, and show accuracy, macro F1 and what is out of scope on the others."""
    from data.benchmark import load_benchmark
    from models.bundle import open_vocabulary
    from models.encoder import open_encoder
    from models.static_encoder import StaticEncoder
    from training.benchmark.baseline import label_by_ngrams
    from training.benchmark.fitting import BenchmarkConfig
    from training.benchmark.page import benchmark_page
    from training.benchmark.run import choose_rows, run_benchmark
    from training.benchmark.texts import TextReader, main_language
    from training.commands.heads import heads_config

    settings = open_settings(config)
    rows = load_benchmark(data, main_language)
    languages = [name.strip() for name in (train_languages or "").split(",") if name.strip()]
    train = choose_rows(rows.train, languages, shots, seed)
    opened = open_encoder(encoder or settings.models.encoder)
    vocabulary = opened if isinstance(opened, StaticEncoder) else open_vocabulary()
    reader = TextReader(opened, vocabulary)
    compared = label_by_ngrams if baseline else None
    chosen = heads_config(settings, seed)
    chosen = replace(chosen, kind=heads or chosen.kind)
    if chosen.kind is HeadKind.LIGHT:
        import torch

        torch.set_num_threads(1)  # the light views' batches are small: a second thread doubles the time
    result = run_benchmark(rows, train, reader, BenchmarkConfig.of(chosen, seed), compared)
    made_from = {
        "data": str(data),
        "encoder": opened.id,
        "heads": str(chosen.kind),
        "training languages": ", ".join(languages) or "all",
        "training rows a label": str(shots or "all"),
        "seed": str(seed),
    }
    path = report or var_folder(settings) / "reports" / "benchmark.html"
    print_report(benchmark_page(result, made_from), result.figures(), path, as_json=as_json)

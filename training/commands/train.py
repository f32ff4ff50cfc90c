"""``firstline train``: fits models and promotes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.options import (
    ConfigOption,
    GatesOption,
    console,
    open_registry,
    open_settings,
    var_folder,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from data.feedback import FeedbackTicket
    from evaluation.gates import Gates
    from serving.settings import Settings
    from training.pipeline import PipelineConfig, TrainedRun

app = typer.Typer(help="Fit models on labelled tickets.", no_args_is_help=True)
TicketsOption = Annotated[
    Path | None,
    typer.Option(
        "--tickets", help="Labelled tickets (*.jsonl, *.csv); default: the shipped ones.", show_default=False
    ),
]
ArticlesOption = Annotated[
    Path | None,
    typer.Option("--articles", help="Folder of articles; default: the shipped ones.", show_default=False),
]
TaxonomyOption = Annotated[
    Path | None,
    typer.Option("--taxonomy", help="TOML file of topics; default: the shipped one.", show_default=False),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Same seed and data: same numbers.")]
PromoteOption = Annotated[bool, typer.Option("--promote/--no-promote", help="Make the result the champion.")]


@app.command("all")
def train_all(
    config: ConfigOption = None,
    tickets: TicketsOption = None,
    articles: ArticlesOption = None,
    taxonomy: TaxonomyOption = None,
    seed: SeedOption = 13,
    promote: PromoteOption = True,
    gates: GatesOption = None,
    with_feedback: Annotated[
        bool, typer.Option("--with-feedback", help="Learn from what people corrected in the desk, too.")
    ] = False,
) -> None:
    """Fit every head, the resolution scorer and the thresholds; register the bundle and promote it.

    Gates decide whether it is promoted. One that they refuse stays challenger, with exit code 0 as long as a
    champion is served, else 1.
    """
    from training.pipeline import PARTS

    settings = open_settings(config)
    told = pipeline_config(settings, PARTS, tickets, articles, taxonomy, seed)
    feedback = _read_feedback(settings, told) if with_feedback else ()
    run_pipeline(settings, told, promote=promote, gates=gates, feedback=feedback)


def _read_feedback(settings: Settings, config: PipelineConfig) -> Sequence[FeedbackTicket]:
    """Returns what people corrected, and prints how many rows that gives and what does not count."""
    from serving.storage import check_revision, open_database
    from training.feedback import open_feedback

    database = open_database(settings.database.url)
    check_revision(database)
    feedback = open_feedback(database, config)
    database.close()
    console.print(f"feedback: {len(feedback.rows)} corrected tickets to learn from")
    for reason, count in sorted(feedback.left_out.items()):
        console.print(f"  left out: {count}, {reason}", highlight=False)
    return feedback.rows


def _part_command(part: str, what: str) -> None:
    def command(
        config: ConfigOption = None,
        tickets: TicketsOption = None,
        seed: SeedOption = 13,
        promote: PromoteOption = True,
    ) -> None:
        settings = open_settings(config)
        run_pipeline(settings, pipeline_config(settings, (part,), tickets, None, None, seed), promote=promote)

    command.__doc__ = f"Fit {what} again; the rest is taken from the champion."
    app.command({"topic": "category", "urgent": "urgency"}.get(part, part))(command)


_part_command("topic", "topics and categories (and the scorer, which depends on them)")
_part_command("sentiment", "the sentiment head")
_part_command("urgent", "the urgency head")
_part_command("resolution", "the resolution scorer and the thresholds")


@app.command("encoder")
def train_encoder_command(
    parallel: Annotated[
        Path | None,
        typer.Option(
            "--parallel",
            help="Folder of the parallel text, see models/encoders; needed unless the file names it.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config-file",
            help="TOML file with any field of the training configuration; the options override it.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    own: Annotated[
        Path | None,
        typer.Option(
            "--own",
            help="Your own text: a .tsv (language, English, other), a <language>.txt, or a folder of such "
            "files, articles/ and tickets/.",
            exists=True,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Folder to write it to; name it in models.encoder to use it."),
    ] = None,
    work: Annotated[Path | None, typer.Option("--work", help="Where intermediate results are kept.")] = None,
    student: Annotated[
        str | None,
        typer.Option(
            "--student", help="static (minutes on a CPU) or transformer (a GPU, or hours of a CPU)."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="Passes over the pairs.")] = None,
    teacher: Annotated[
        str | None, typer.Option("--teacher", help="English sentence-transformers model: hub id or folder.")
    ] = None,
    corpus: Annotated[
        bool, typer.Option("--corpus/--no-corpus", help="Use the shipped articles and tickets too.")
    ] = True,
) -> None:
    """Distil a multilingual encoder; goes on where an earlier run stopped.

    The configuration that was used is saved beside the encoder as training.toml, ready for --config-file.
    """
    import logging

    from training.encoder import bitext_accuracy, train_encoder
    from training.encoder_config import resolve_config

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = {
        "parallel": parallel,
        "own": own,
        "output": output,
        "work": work,
        "teacher": teacher,
        "student": student,
        "epochs": epochs,
        "corpus": None if corpus else "",
    }
    config = resolve_config(
        config_file, {name: value for name, value in options.items() if value is not None}
    )
    encoder = train_encoder(config)
    console.print(f"{encoder.id}, {encoder.dim} dimensions, is in {config.output}")
    held_out = config.parallel / "parallel" / "dev.tsv"
    if held_out.exists():
        for language, accuracy in bitext_accuracy(encoder, held_out).items():
            console.print(f"  {language} → en, accuracy@1 on held-out pairs: {accuracy:.3f}")


@app.command("export")
def export_encoder(
    output: Annotated[Path, typer.Option("--output", help="Folder to write the model to.", file_okay=False)],
    config: ConfigOption = None,
) -> None:
    """Write the static encoder as a sentence-transformers model."""
    from models.encoder import open_encoder
    from models.static_encoder import StaticEncoder
    from training.errors import TrainingError
    from training.export import export_sentence_transformer

    encoder = open_encoder(open_settings(config).models.encoder)
    if not isinstance(encoder, StaticEncoder):
        raise TrainingError(f"{encoder.id} is a sentence-transformers model already")
    export_sentence_transformer(encoder, output)
    console.print(f"{encoder.id} is in {output}")


def pipeline_config(
    settings: Settings,
    parts: tuple[str, ...],
    tickets: Path | None,
    articles: Path | None,
    taxonomy: Path | None,
    seed: int,
) -> PipelineConfig:
    """Returns what a run is told, from the settings and a command's options."""
    from models.thresholds import Bound
    from training.commands.heads import heads_config
    from training.pipeline import PipelineConfig
    from training.resolution import ResolutionConfig

    guarantee = settings.gate.guarantee
    resolution = ResolutionConfig(
        bound=Bound(guarantee.wrong_share, guarantee.confidence), candidates=settings.index.candidates
    )
    shipped = PipelineConfig()
    return PipelineConfig(
        encoder=settings.models.encoder,
        bundles=settings.models.bundles,
        var=var_folder(settings),
        parts=parts,
        seed=seed,
        index=settings.index.options,
        resolution=resolution,
        heads=heads_config(settings, seed),
        tickets=tickets or shipped.tickets,
        articles=articles or shipped.articles,
        taxonomy=taxonomy or shipped.taxonomy,
    )


def run_pipeline(
    settings: Settings,
    config: PipelineConfig,
    *,
    promote: bool,
    gates: Path | None = None,
    feedback: Sequence[FeedbackTicket] = (),
) -> TrainedRun:
    """Trains, logs, registers as challenger and asks the gates to promote; prints what came out."""
    from evaluation.gates import load_gates
    from training.commands.run_summary import print_run
    from training.pipeline import train
    from training.tracking import log_run

    asked = load_gates(gates)
    run = train(config, feedback)
    client = open_registry(settings)
    version = log_run(client, run, config)
    print_run(run, version)
    if promote:
        _promote(client, version, settings, config, asked)
    return run


def _promote(
    client: MlflowClient, version: str, settings: Settings, config: PipelineConfig, gates: Gates
) -> None:
    """Asks the gates. A refused bundle stays challenger, and the exit code is 0 as long as something is served."""
    from data.articles import load_articles
    from models.history import current_actor
    from training.commands.registry import print_promotion
    from training.promotion import Candidacy
    from training.promotion import promote as make_champion

    articles = load_articles(config.articles)
    candidacy = Candidacy(version, current_actor(), gates, config.tickets, articles)
    done = make_champion(client, candidacy, settings)
    print_promotion(done)
    if not done.promoted and done.record.change.before is None:
        raise typer.Exit(1)

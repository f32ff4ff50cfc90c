"""``firstline index``: the knowledge index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from training.commands.options import ConfigOption, console, open_settings

if TYPE_CHECKING:
    from rich.progress import TaskID

    from data.schema import Article
    from kb_index.build import BuildOptions, BuildReport
    from kb_index.embedding import Progress, Sharding
    from models.encoder import Encoder

    Make = Callable[[Iterable[Article], Encoder, Path, BuildOptions], BuildReport]

app = typer.Typer(help="Build, update and search the knowledge index.", no_args_is_help=True)
ArticlesOption = Annotated[
    Path | None,
    typer.Option(
        "--articles",
        help="Folder of Markdown files, or a .jsonl file (or a folder with some); default: the shipped ones.",
        show_default=False,
    ),
]
ShardsOption = Annotated[
    int | None,
    typer.Option(
        "--shards",
        min=1,
        max=10_000,
        help="Embed in so many parts, each kept if the build is interrupted; default: one of every 16,384 chunks.",
        show_default=False,
    ),
]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, max=256, help="Processes that embed.")]


@app.command("build")
def build(
    config: ConfigOption = None,
    articles: ArticlesOption = None,
    shards: ShardsOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Embed every article into a new version and switch to it; run it again if it was interrupted."""
    from kb_index.build import build_index
    from kb_index.embedding import Sharding

    _run(build_index, config, articles, Sharding(shards, jobs))


@app.command("update")
def update(
    config: ConfigOption = None,
    articles: ArticlesOption = None,
    shards: ShardsOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Embed only what was added or changed; readers are not disturbed."""
    from kb_index.build import update_index
    from kb_index.embedding import Sharding

    _run(update_index, config, articles, Sharding(shards, jobs))


@app.command("status")
def status(config: ConfigOption = None) -> None:
    """Show the version in use, the one before it, and whether the files are complete."""
    from kb_index.store import list_versions, open_version, read_pointer

    root = open_settings(config).index.root
    pointer = read_pointer(root)
    manifest = open_version(root / pointer.version)
    numbers = "".join(f", {name} {value}" for name, value in manifest.plan.parameters().items())
    size = sum(stamp.size for stamp in manifest.files.values()) / 2**20
    console.print(f"version   {pointer.version} (before it: {pointer.previous or 'none'})")
    console.print(f"encoder   {manifest.encoder_id}, {manifest.dim} dimensions, {manifest.metric}")
    console.print(f"articles  {manifest.articles}, chunks {manifest.chunks}, built {manifest.created}")
    console.print(f"index     {manifest.plan.kind}{numbers}; {size:.1f} MB on disk")
    console.print(f"versions  {', '.join(list_versions(root))}")
    console.print("files     of full length; 'firstline index verify' reads them too")


@app.command("verify")
def verify(config: ConfigOption = None) -> None:
    """Read every file of the version in use and of the one before it, and compare them with their hashes."""
    from kb_index.store import read_pointer, verify_version

    root = open_settings(config).index.root
    pointer = read_pointer(root)
    for version in filter(None, (pointer.version, pointer.previous)):
        manifest = verify_version(root / version)
        console.print(f"version {version}: {len(manifest.files)} files are as they were written")


@app.command("search")
def search(
    text: Annotated[str, typer.Argument(help="What a customer would write.")],
    language: Annotated[
        str | None, typer.Option("--language", help="en, es, fr, de, ja or zh; default: found out.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="At most this many articles.")] = 5,
    config: ConfigOption = None,
) -> None:
    """Show the nearest articles of a text."""
    from data.schema import Language
    from kb_index.search import open_current
    from models.encoder import open_encoder
    from models.language import LanguageReader

    if language is not None and language not in set(Language):
        raise typer.BadParameter(f"{language!r} is none of {', '.join(Language)}", param_hint="--language")
    settings = open_settings(config)
    encoder = open_encoder(settings.models.encoder)
    index = open_current(settings.index.root, encoder.id, encoder.dim)
    spoken = language or LanguageReader().read([text])[0].language
    table = Table("article", "language", "score", "dense", "lexical", "title")
    for hit in index.search(encoder.encode([text]), [text], [spoken], limit)[0]:
        shown = hit.language if hit.preferred_language else f"{hit.language} (not {spoken})"
        scores = (f"{hit.score:.3f}", f"{hit.dense:.3f}", f"{hit.lexical:.3f}")
        table.add_row(hit.article_id, shown, *scores, hit.title)
    console.print(table if table.row_count else "no article is near this text")


@app.command("rollback")
def roll_back(config: ConfigOption = None) -> None:
    """Go back to the version before this one."""
    from kb_index.store import rollback

    console.print(f"version {rollback(open_settings(config).index.root)} is in use again")


def _run(make: Make, config: Path | None, articles: Path | None, sharding: Sharding) -> None:
    from data.article_lines import has_article_lines, stream_articles
    from data.articles import ARTICLES_DIR, load_articles
    from kb_index.build import BuildOptions
    from models.encoder import open_encoder

    settings = open_settings(config)
    path = articles or ARTICLES_DIR
    found: Iterable[Article] = stream_articles(path) if has_article_lines(path) else load_articles(path)
    with show_progress() as progress:
        options = BuildOptions(index=settings.index.options, sharding=sharding, progress=progress)
        report = make(found, open_encoder(settings.models.encoder), settings.index.root, options)
    _print_report(report)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Shows a bar for each stage that is reported; nothing where the output is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int, /) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield show


def _print_report(report: BuildReport) -> None:
    console.print(
        f"version {report.version}: {report.added} added, {report.changed} changed, {report.deleted} deleted, "
        f"{report.unchanged} unchanged; {report.chunks} chunks, {report.embedded} embedded; {report.seconds:.1f} s"
    )

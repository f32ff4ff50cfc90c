"""``firstline index``: the knowledge index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from training.commands.options import ConfigOption, console, open_settings

if TYPE_CHECKING:
    from kb_index.build import BuildReport

app = typer.Typer(help="Build, update and search the knowledge index.", no_args_is_help=True)
ArticlesOption = Annotated[
    Path | None,
    typer.Option("--articles", help="Folder of articles; default: the shipped ones.", show_default=False),
]


@app.command("build")
def build(config: ConfigOption = None, articles: ArticlesOption = None) -> None:
    """Embed every article into a new version and switch to it."""
    from data.articles import ARTICLES_DIR, load_articles
    from kb_index.build import build_index
    from models.encoder import open_encoder

    settings = open_settings(config)
    found = load_articles(articles or ARTICLES_DIR)
    _print_report(build_index(found, open_encoder(settings.models.encoder), settings.index.root))


@app.command("update")
def update(config: ConfigOption = None, articles: ArticlesOption = None) -> None:
    """Embed only what was added or changed; readers are not disturbed."""
    from data.articles import ARTICLES_DIR, load_articles
    from kb_index.build import update_index
    from models.encoder import open_encoder

    settings = open_settings(config)
    found = load_articles(articles or ARTICLES_DIR)
    _print_report(update_index(found, open_encoder(settings.models.encoder), settings.index.root))


@app.command("status")
def status(config: ConfigOption = None) -> None:
    """Show the version in use, the one before it, and whether the files are whole."""
    from kb_index.store import list_versions, read_pointer, verify_version

    root = open_settings(config).index.root
    pointer = read_pointer(root)
    manifest = verify_version(root / pointer.version)
    console.print(f"version   {pointer.version} (before it: {pointer.previous or 'none'})")
    console.print(f"encoder   {manifest.encoder_id}, {manifest.dim} dimensions, {manifest.metric}")
    console.print(f"articles  {manifest.articles}, chunks {manifest.chunks}, built {manifest.created}")
    console.print(f"versions  {', '.join(list_versions(root))}; files are whole")


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


def _print_report(report: BuildReport) -> None:
    console.print(
        f"version {report.version}: {report.added} added, {report.changed} changed, {report.deleted} deleted, "
        f"{report.unchanged} unchanged; {report.chunks} chunks, {report.embedded} embedded; {report.seconds:.1f} s"
    )

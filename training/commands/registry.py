"""``firstline registry``: trained versions and which of them is served."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from training.commands.options import ConfigOption, console, open_settings, var_folder

app = typer.Typer(help="List trained versions and choose the one that is served.", no_args_is_help=True)


@app.command("list")
def list_registered(config: ConfigOption = None) -> None:
    """Show the registered versions, newest first."""
    from training.promotion import list_versions
    from training.tracking import open_client

    table = Table("version", "bundle", "aliases", "created (UTC)")
    for row in list_versions(open_client(var_folder(open_settings(config)))):
        created = datetime.fromtimestamp(row.created_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(row.version, row.bundle, ", ".join(row.aliases), created)
    console.print(table)


@app.command("promote")
def promote(
    version: Annotated[str, typer.Argument(help="Number of a registered version.")],
    config: ConfigOption = None,
) -> None:
    """Serve a registered version; a running service takes it over without a restart."""
    from training.promotion import promote as make_champion
    from training.tracking import open_client

    settings = open_settings(config)
    row = make_champion(open_client(var_folder(settings)), version, settings.models.bundles)
    console.print(f"version {row.version} (bundle {row.bundle}) is the champion")

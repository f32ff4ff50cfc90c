"""``firstline db``: the schema of the desk's database."""

from __future__ import annotations

import typer

from training.commands.options import ConfigOption, console, open_settings

app = typer.Typer(help="Create and upgrade the database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(config: ConfigOption = None) -> None:
    """Create the schema, or bring it to this version's revision."""
    from serving.storage import current_revision, open_database
    from serving.storage import upgrade as upgrade_schema

    database = open_database(open_settings(config).database.url)
    upgrade_schema(database)
    console.print(f"{database.address} is at revision {current_revision(database)}")
    database.close()


@app.command("status")
def status(config: ConfigOption = None) -> None:
    """Show the revision of the schema and the newest one."""
    from serving.storage import current_revision, head_revision, open_database

    database = open_database(open_settings(config).database.url)
    console.print(
        f"{database.address}: revision {current_revision(database) or 'none'}, newest {head_revision()}"
    )
    database.close()

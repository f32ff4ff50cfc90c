"""``firstline serve`` and ``firstline worker``."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from training.commands.options import ConfigOption, console, open_settings, var_folder


def serve(
    config: ConfigOption = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on.", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port.", show_default=False)
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes.", show_default=False)
    ] = None,
) -> None:
    """Serve the desk over HTTP until it is stopped."""
    from serving.server import serve as run

    settings = open_settings(config)
    given = {"host": host, "port": port, "workers": workers}
    wanted = {name: value for name, value in given.items() if value is not None}
    run(settings.model_copy(update={"service": settings.service.model_copy(update=wanted)}), config)


def work(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due, then stop.")] = False,
) -> None:
    """Deliver what the desk has to say: replies and notices, from the outbox to the collecting channel."""
    from serving.jobs.collecting import CollectingOutbound
    from serving.jobs.relay import OutboxRelay, RelayPolicy
    from serving.storage import OutboxRepository, open_database, upgrade

    settings = open_settings(config)
    database = open_database(settings.database.url)
    upgrade(database)
    path = var_folder(settings) / "outbound.jsonl"
    relay = OutboxRelay(OutboxRepository(database), CollectingOutbound(path), RelayPolicy())
    if once:
        while relay.run_once():
            pass
        console.print(f"delivered {relay.counted['delivered']} to {path}")
        return
    console.print(f"delivering to {path}; Ctrl-C stops", highlight=False)
    relay.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        relay.stop()

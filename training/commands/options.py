"""What several commands share: settings, folders and printing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from serving.settings import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Policy file; default: $FIRSTLINE_CONFIG, else support.yaml.", show_default=False
    ),
]
GatesOption = Annotated[
    Path | None,
    typer.Option("--gates", help="TOML file of the gates; default: the shipped one.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]

console = Console()


def open_settings(config: Path | None) -> Settings:
    """Returns the settings, with our own log on standard error."""
    from serving.settings import load_settings

    settings = load_settings(config)
    logging.getLogger("training").setLevel(logging.INFO)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    return settings


def var_folder(settings: Settings) -> Path:
    """Returns the folder everything is written under: the one that holds the bundles."""
    return settings.models.bundles.parent


def open_registry(settings: Settings) -> MlflowClient:
    """Returns a client of the configured tracking store, which holds runs and registered bundles."""
    from training.tracking import open_client

    return open_client(settings.models.tracking_uri)

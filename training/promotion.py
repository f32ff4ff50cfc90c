"""Which registered version is served: aliases in the registry, and the files that serving reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.champion import install
from training.errors import TrainingError
from training.tracking import CHAMPION, MODEL_NAME

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A row of the registry.

    Attributes:
        version: the registry's number; `bundle` the hash the service shows.
    """

    version: str
    bundle: str
    aliases: tuple[str, ...]
    created_ms: int


def promote(client: MlflowClient, version: str, bundles: Path) -> RegisteredVersion:
    """Makes a registered version the champion, and puts its bundle where serving reads it.

    Raises:
        TrainingError: there is no such version, or its files are gone.
    """
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_model_version(MODEL_NAME, version)
        folder = Path(client.download_artifacts(found.run_id, "bundle", _download_folder(bundles)))
    except (MlflowException, OSError) as error:
        raise TrainingError(
            f"version {version!r} cannot be promoted: {error}. See 'firstline registry list'."
        ) from error
    install(folder, bundles, found.tags["bundle"])
    client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
    return _row(client.get_model_version(MODEL_NAME, version))


def list_versions(client: MlflowClient) -> list[RegisteredVersion]:
    """Returns the registered versions, newest first."""
    found = client.search_model_versions(f"name='{MODEL_NAME}'", max_results=100)
    rows = [_row(client.get_model_version(MODEL_NAME, version.version)) for version in found]
    return sorted(rows, key=lambda row: int(row.version), reverse=True)


def _row(version) -> RegisteredVersion:  # type: ignore[no-untyped-def]
    return RegisteredVersion(
        str(version.version),
        version.tags.get("bundle", ""),
        tuple(version.aliases),
        int(version.creation_timestamp),
    )


def _download_folder(bundles: Path) -> str:
    folder = bundles.parent / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    bundles.mkdir(parents=True, exist_ok=True)
    return str(folder)

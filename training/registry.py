"""Registered versions of the bundle in MLflow's registry, and the aliases that name some of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.errors import TrainingError

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL_NAME = "firstline"
CHAMPION = "champion"
CHALLENGER = "challenger"
HASH = re.compile(r"[0-9a-f]{6,12}")
PAGE = 100


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A row of the registry.

    Attributes:
        version: the registry's number; `bundle` the hash the service shows.
        tickets: where the labelled tickets lie that it was trained on, ``shipped`` for those of the project.
    """

    version: str
    bundle: str
    aliases: tuple[str, ...]
    created_ms: int
    run_id: str
    tickets: str


def register(client: MlflowClient, source: str, run_id: str, tags: Mapping[str, str]) -> str:
    """Registers the bundle of a run as the challenger and returns its number."""
    from mlflow.exceptions import MlflowException

    with reaching(client.tracking_uri):
        try:
            client.get_registered_model(MODEL_NAME)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            client.create_registered_model(MODEL_NAME)
        version = str(client.create_model_version(MODEL_NAME, source, run_id, tags=dict(tags)).version)
        client.set_registered_model_alias(MODEL_NAME, CHALLENGER, version)
    return version


def list_versions(client: MlflowClient) -> list[RegisteredVersion]:
    """Returns the registered versions, newest first.

    Raises:
        TrainingError: the registry does not answer.
    """
    with reaching(client.tracking_uri):
        aliases = _aliases(client)
        rows = [_row(version, aliases) for version in _search(client)]
    return sorted(rows, key=lambda row: int(row.version), reverse=True)


def find_version(client: MlflowClient, reference: str) -> RegisteredVersion:
    """Returns the version that a number, an alias or (the beginning of) a bundle's hash names.

    Of several versions with the same bundle it is the newest.

    Raises:
        TrainingError: there is none, or several bundles begin so.
    """
    versions = list_versions(client)
    for row in versions:
        if row.version == reference or reference in row.aliases:
            return row
    found = [row for row in versions if HASH.fullmatch(reference) and row.bundle.startswith(reference)]
    bundles = sorted({row.bundle for row in found})
    if len(bundles) > 1:
        raise TrainingError(f"{reference!r} is the beginning of several bundles: {', '.join(bundles)}")
    if not found:
        known = ", ".join(row.version for row in versions[:10]) or "none"
        raise TrainingError(
            f"no registered version is named {reference!r} by number, alias or bundle; newest: {known}. "
            "See 'firstline registry list'."
        )
    return found[0]


def download_bundle(client: MlflowClient, version: RegisteredVersion, folder: Path) -> Path:
    """Copies the files of a version under `folder` and returns where they are.

    Raises:
        TrainingError: the registry does not answer, or the files are gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with reaching(client.tracking_uri, f"the files of version {version.version}"):
        return Path(client.download_artifacts(version.run_id, "bundle", str(folder)))


def crown(client: MlflowClient, version: RegisteredVersion, record: str) -> None:
    """Moves the alias ``champion`` to a version, and notes the promotion's record there.

    Raises:
        TrainingError: the registry does not answer.
    """
    with reaching(client.tracking_uri):
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, version.version)
        client.set_model_version_tag(MODEL_NAME, version.version, "promotion", record[:5000])
        if _aliases(client).get(CHALLENGER) == version.version:
            client.delete_registered_model_alias(MODEL_NAME, CHALLENGER)


@contextlib.contextmanager
def reaching(uri: str, what: str = "the registry") -> Iterator[None]:
    """Turns what MLflow raises into one line.

    Raises:
        TrainingError: MLflow refused, or was not reached.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        place = re.sub(r"//[^@/]*@", "//", uri)  # without a password
        reason = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise TrainingError(f"{what} cannot be reached at {place}: {reason}") from error


def _search(client: MlflowClient) -> Iterator[Any]:
    token: str | None = None
    while True:
        page = client.search_model_versions(f"name='{MODEL_NAME}'", max_results=PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _aliases(client: MlflowClient) -> dict[str, str]:
    """Returns the number that each alias names; empty where nothing was registered yet."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_registered_model(MODEL_NAME).aliases
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return {}
        raise
    return {alias: str(version) for alias, version in found.items()}


def _row(version: Any, aliases: Mapping[str, str]) -> RegisteredVersion:
    return RegisteredVersion(
        version=str(version.version),
        bundle=version.tags.get("bundle", ""),
        aliases=tuple(sorted(alias for alias, number in aliases.items() if number == str(version.version))),
        created_ms=int(version.creation_timestamp),
        run_id=str(version.run_id),
        tickets=version.tags.get("tickets", "shipped"),
    )

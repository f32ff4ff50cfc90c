"""Two registered bundles side by side."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.contest import Contest, hold_contest
from evaluation.gates import Gates
from training.promotion import make_ground
from training.registry import download_bundle, find_version

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from serving.settings import Settings


def compare_versions(
    client: MlflowClient,
    references: tuple[str, str],
    settings: Settings,
    gates: Gates,
    tickets: Path | None = None,
) -> Contest:
    """Returns how the second version does against the first, as the gates see it.

    Raises:
        TrainingError: a version is not registered, or its files are gone.
        DataError: the tickets are not usable.
    """
    first, second = (find_version(client, reference) for reference in references)
    with tempfile.TemporaryDirectory(prefix="firstline-compare-") as folder:
        champion = download_bundle(client, first, Path(folder) / "first")
        challenger = download_bundle(client, second, Path(folder) / "second")
        return hold_contest(challenger, champion, make_ground(settings, second, tickets), gates)

"""Shadow mode: names the registered version that reads live tickets beside the champion, and reads what it found."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.shadow import ShadowFigures, measure_shadow
from kb_index.refresh import articles_in_use, encoder_in_use, refresh_index
from models.bundle import load_bundle
from models.challenger import challenge, challenger_index
from models.champion import champion_version, switching
from serving.storage import (
    CorrectionRepository,
    ShadowRepository,
    StorageUnavailableError,
    current_revision,
    head_revision,
    open_database,
)
from training.errors import TrainingError
from training.registry import RegisteredVersion, download_bundle, find_version

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from serving.settings import Settings

log = logging.getLogger(__name__)


def start_shadow(client: MlflowClient, reference: str, settings: Settings) -> RegisteredVersion:
    """Makes a registered version the challenger of a running service, and returns it.

    An encoder of its own gets an index of its own, beside the one in use.

    Raises:
        TrainingError: there is no such version, or it is the champion.
        BundleError: there is no champion, or the version's files are damaged.
    """
    root, index_root = settings.models.bundles, settings.index.root
    version = find_version(client, reference)
    if version.bundle == champion_version(root):
        raise TrainingError(f"bundle {version.bundle} is the champion: it cannot be its own challenger")
    with switching(root), tempfile.TemporaryDirectory(dir=root, prefix=".download-") as folder:
        downloaded = download_bundle(client, version, Path(folder))
        encoder = load_bundle(downloaded).encoder
        if encoder.id != encoder_in_use(index_root):
            articles = articles_in_use(index_root)
            refresh_index(articles, encoder, challenger_index(index_root), settings.index.options)
        challenge(downloaded, root, version.bundle)
    return version


def read_shadow(champion: str, challenger: str, settings: Settings) -> ShadowFigures | None:
    """Returns what shadow mode showed of two bundles on live tickets, None where both never read the same ones.

    Bundles can be compared where there is no desk: a database without our tables, or that is away, has nothing to add.
    """
    database = open_database(settings.database.url)
    try:
        if current_revision(database) != head_revision():
            return None
        rows = ShadowRepository(database).find(champion, challenger)
        corrected = CorrectionRepository(database).all() if rows else ()
    except StorageUnavailableError as error:
        log.warning("without what shadow mode found: %s", error)
        return None
    finally:
        database.close()
    return measure_shadow(rows, corrected, settings.costs) if rows else None

"""Keeping an index as its articles and its encoder are."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from data.schema import Article
from kb_index.build import BuildOptions, build_index, update_index
from kb_index.contents import Contents
from kb_index.errors import DamagedIndexError, NoIndexError
from kb_index.plan import IndexOptions
from kb_index.store import open_version, read_pointer, verify_version
from models.encoder import Encoder

log = logging.getLogger(__name__)


def refresh_index(
    articles: Sequence[Article], encoder: Encoder, root: Path, index: IndexOptions | None = None
) -> None:
    """Makes the index under `root` hold the articles as they are now; one that cannot be updated is built anew."""
    options = BuildOptions(index=index or IndexOptions())
    try:
        update_index(articles, encoder, root, options)
    except (NoIndexError, DamagedIndexError) as error:
        log.info("the index is built anew: %s", error)
        build_index(articles, encoder, root, options)


def encoder_in_use(root: Path) -> str:
    """Returns the id of the encoder that made the version in use under `root`.

    Raises:
        NoIndexError: nothing has been built.
        DamagedIndexError: a file is missing or truncated.
    """
    return open_version(root / read_pointer(root).version).encoder_id


def articles_in_use(root: Path) -> list[Article]:
    """Returns the articles of the version in use under `root`.

    Raises:
        NoIndexError: nothing has been built.
        DamagedIndexError: the version is not as it was written.
    """
    folder = root / read_pointer(root).version
    verify_version(folder)
    return list(Contents.load(folder).articles.in_order())

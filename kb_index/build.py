"""Building the index from articles, whole or only what has changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from kb_index.chunks import article_text
from kb_index.contents import Contents
from kb_index.errors import UnusableInputError
from kb_index.integrity import stamp_files
from kb_index.lexical import LexicalIndex
from kb_index.manifest import DEFAULT_WEIGHTS, FORMAT, FusionWeights, Manifest
from kb_index.store import publish, read_pointer, verify_version, writing
from kb_index.vectors import VectorIndex
from models.encoder import Encoder, TextKind

BATCH = 256


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build or an update did, counted in articles (an article in two languages counts twice).

    Attributes:
        version: the version now in use.
        embedded: how many chunks went through the encoder; `chunks` are all of them.
        seconds: how long it took.
    """

    version: str
    added: int
    changed: int
    unchanged: int
    deleted: int
    chunks: int
    embedded: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier version gives to the next.

    Attributes:
        hashes: of the articles, by id and language.
        vectors: by chunk hash; empty where they come from another encoder.
        manifest: None where there is no earlier version.
    """

    hashes: Mapping[tuple[str, str], str]
    vectors: Mapping[str, NDArray[np.float32]]
    manifest: Manifest | None


NOTHING_KNOWN = Known({}, {}, None)


def build_index(
    articles: Sequence[Article], encoder: Encoder, root: Path, weights: FusionWeights = DEFAULT_WEIGHTS
) -> BuildReport:
    """Returns what was built: a new version under `root` with every chunk embedded anew, now in use.

    Raises:
        UnusableInputError: the articles or the encoder's vectors cannot be indexed.
        BusyIndexError: another build is running.
    """
    with writing(root):
        return _write_version(articles, encoder, root, weights, NOTHING_KNOWN)


def update_index(
    articles: Sequence[Article], encoder: Encoder, root: Path, weights: FusionWeights | None = None
) -> BuildReport:
    """Returns what differed from the version in use; writes a new one only if something did.

    Chunks whose text the version in use holds are not embedded again, unless the encoder has changed.

    Args:
        articles: all there shall be; those missing are deleted.
        encoder: reads the new chunks.
        root: the folder of all versions.
        weights: None keeps those of the version in use.

    Raises:
        NoIndexError: there is nothing to update.
        DamagedIndexError: the version in use is damaged.
        UnusableInputError: the articles or the encoder's vectors cannot be indexed.
        BusyIndexError: another build is running.
    """
    with writing(root):
        manifest = verify_version(root / read_pointer(root).version)
        known = _read_known(root / manifest.version, manifest, encoder)
        return _write_version(articles, encoder, root, weights or manifest.weights, known)


def _read_known(folder: Path, manifest: Manifest, encoder: Encoder) -> Known:
    contents = Contents.load(folder)
    vectors: dict[str, NDArray[np.float32]] = {}
    if (manifest.encoder_id, manifest.dim) == (encoder.id, encoder.dim):
        rows = VectorIndex.load(folder).stored()
        vectors = {chunk.hash: row for chunk, row in zip(contents.chunks, rows, strict=True)}
    return Known(contents.hashes(), vectors, manifest)


def _write_version(
    articles: Sequence[Article], encoder: Encoder, root: Path, weights: FusionWeights, known: Known
) -> BuildReport:
    started = time.perf_counter()
    contents = Contents.from_articles(articles)
    content_hash = _hash_content(contents, encoder, weights)
    if known.manifest is not None and known.manifest.content_hash == content_hash:
        return _report(known.manifest.version, contents, known, 0, started)
    vectors, embedded = _gather_vectors(contents, encoder, known)
    texts = [article_text(article) for article in contents.articles]
    lexical = LexicalIndex.build(texts, [article.language for article in contents.articles])
    created = datetime.now(UTC)
    manifest = Manifest(
        version=f"{created:%Y%m%dT%H%M%S%fZ}-{content_hash[:8]}",
        encoder_id=encoder.id,
        dim=encoder.dim,
        chunks=len(contents.chunks),
        articles=len(contents.articles),
        content_hash=content_hash,
        created=created.isoformat(timespec="seconds"),
        weights=weights,
        files={},
    )

    def write(folder: Path) -> None:
        for part in (contents, vectors, lexical):
            part.save(folder)
        replace(manifest, files=stamp_files(folder)).save(folder)

    publish(root, manifest.version, write)
    return _report(manifest.version, contents, known, embedded, started)


def _gather_vectors(contents: Contents, encoder: Encoder, known: Known) -> tuple[VectorIndex, int]:
    """Returns the vectors of all chunks, and how many chunks had to be embedded for it."""
    passages = {chunk.hash: chunk.passage for chunk in contents.chunks if chunk.hash not in known.vectors}
    fresh = dict(zip(passages, embed_passages(list(passages.values()), encoder), strict=True))
    rows = [known.vectors[key] if key in known.vectors else fresh[key] for key in contents.chunk_hashes()]
    return VectorIndex.build(np.stack(rows)), len(passages)


def embed_passages(passages: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """Returns ``(n, dim) float32`` with unit rows.

    Raises:
        UnusableInputError: the encoder gives another shape.
    """
    batches = [passages[start : start + BATCH] for start in range(0, len(passages), BATCH)]
    empty = np.zeros((0, encoder.dim), dtype=np.float32)
    rows = [encoder.encode(batch, TextKind.PASSAGE) for batch in batches]
    for batch, found in zip(batches, rows, strict=True):
        if found.shape != (len(batch), encoder.dim):
            raise UnusableInputError(
                f"encoder {encoder.id!r} gave vectors of the shape {found.shape} for {len(batch)} texts, "
                f"not {(len(batch), encoder.dim)}"
            )
    return np.concatenate([empty, *rows])


def _hash_content(contents: Contents, encoder: Encoder, weights: FusionWeights) -> str:
    parts = [FORMAT, encoder.id, encoder.dim, asdict(weights), list(contents.hashes().values())]
    parts.append(contents.chunk_hashes())
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _report(version: str, contents: Contents, known: Known, embedded: int, started: float) -> BuildReport:
    hashes = contents.hashes()
    both = hashes.keys() & known.hashes.keys()
    unchanged = sum(hashes[key] == known.hashes[key] for key in both)
    return BuildReport(
        version=version,
        added=len(hashes.keys() - known.hashes.keys()),
        changed=len(both) - unchanged,
        unchanged=unchanged,
        deleted=len(known.hashes.keys() - hashes.keys()),
        chunks=len(contents.chunks),
        embedded=embedded,
        seconds=time.perf_counter() - started,
    )

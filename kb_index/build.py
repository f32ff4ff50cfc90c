"""Building the index from articles, whole or only what has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from data.schema import Article
from kb_index.approximate import EXACT_FILE, ApproximateVectors
from kb_index.arrays import create_array
from kb_index.chunks import article_text
from kb_index.contents import Contents, article_key, hash_article, write_contents
from kb_index.corpus import sort_articles
from kb_index.embedding import Embedder, Progress, Sharding, report_nothing
from kb_index.integrity import stamp_files
from kb_index.known import KnownVectors
from kb_index.lexical_build import write_lexical
from kb_index.manifest import DEFAULT_WEIGHTS, FORMAT, FusionWeights, Manifest
from kb_index.plan import IndexKind, IndexOptions, IndexPlan, choose_plan
from kb_index.search import load_vectors
from kb_index.store import publish, read_pointer, verify_version, writing
from kb_index.vectors import FlatVectors
from models.encoder import Encoder

WORK_FOLDER = ".work"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How an index is built.

    Attributes:
        weights: None takes those of the version in use, or the default ones.
    """

    weights: FusionWeights | None = None
    index: IndexOptions = field(default_factory=IndexOptions)
    sharding: Sharding = field(default_factory=Sharding)
    progress: Progress = report_nothing


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
        contents: None where there is no earlier version.
        vectors: of its chunks; none where they come from another encoder.
        content_hash: of its manifest.
    """

    contents: Contents | None = None
    vectors: tuple[KnownVectors, ...] = ()
    content_hash: str = ""


def build_index(
    articles: Iterable[Article], encoder: Encoder, root: Path, options: BuildOptions | None = None
) -> BuildReport:
    """Returns what was built: a new version under `root` with every chunk embedded anew, now in use.

    Args:
        articles: all there shall be; a sequence is sorted in memory, any other iterable is read once and sorted
            on disk.
        encoder: reads the chunks.
        root: the folder of all versions.
        options: None stands for the default ones.

    Raises:
        UnusableInputError: the articles or the encoder's vectors cannot be indexed.
        BusyIndexError: another build is running.
    """
    options = options or BuildOptions()
    options = replace(options, weights=options.weights or DEFAULT_WEIGHTS)
    with writing(root):
        return Build(root, encoder, options, Known()).run(articles)


def update_index(
    articles: Iterable[Article], encoder: Encoder, root: Path, options: BuildOptions | None = None
) -> BuildReport:
    """Returns what differed from the version in use; writes a new one only if something did.

    Chunks whose text the version in use holds are not embedded again, unless the encoder has changed.

    Args:
        articles: all there shall be, see `build_index`; those missing are deleted.
        encoder: reads the new chunks.
        root: the folder of all versions.
        options: None stands for the default ones.

    Raises:
        NoIndexError: there is nothing to update.
        DamagedIndexError: the version in use is damaged.
        UnusableInputError: the articles or the encoder's vectors cannot be indexed.
        BusyIndexError: another build is running.
    """
    options = options or BuildOptions()
    with writing(root):
        manifest = verify_version(root / read_pointer(root).version)
        options = replace(options, weights=options.weights or manifest.weights)
        known = _read_known(root / manifest.version, manifest, encoder)
        return Build(root, encoder, options, known).run(articles)


def _read_known(folder: Path, manifest: Manifest, encoder: Encoder) -> Known:
    contents = Contents.load(folder)
    vectors: tuple[KnownVectors, ...] = ()
    if (manifest.encoder_id, manifest.dim) == (encoder.id, encoder.dim):
        vectors = (KnownVectors.of(contents.hashes, load_vectors(folder, manifest.plan).stored()),)
    return Known(contents, vectors, manifest.content_hash)


@dataclass(frozen=True, slots=True)
class Build:
    """One build, inside `store.writing`."""

    root: Path
    encoder: Encoder
    options: BuildOptions
    known: Known

    def run(self, articles: Iterable[Article]) -> BuildReport:
        """Writes and publishes a version, unless it would equal the one in use."""
        started = time.perf_counter()
        in_order = self._sort(articles)
        reports: list[BuildReport] = []

        def write(folder: Path) -> str | None:
            articles_hash = write_contents(in_order, folder)
            contents = Contents.load(folder)
            manifest = self._describe(contents, articles_hash)
            same = manifest.content_hash == self.known.content_hash
            embedded = 0 if same else self._write(contents, manifest, folder)
            version = read_pointer(self.root).version if same else manifest.version
            reports.append(self._report(version, contents, embedded, started))
            return None if same else manifest.version

        publish(self.root, write)
        shutil.rmtree(self.root / WORK_FOLDER, ignore_errors=True)
        return replace(reports[0], seconds=time.perf_counter() - started)

    def _sort(self, articles: Iterable[Article]) -> Iterable[Article]:
        if isinstance(articles, Sequence):
            return sorted(articles, key=article_key)
        return sort_articles(articles, self.root / WORK_FOLDER / "articles")

    def _describe(self, contents: Contents, articles_hash: str) -> Manifest:
        chunks = len(contents.chunks)
        plan, weights = choose_plan(self.options.index, chunks), self.options.weights or DEFAULT_WEIGHTS
        parts = [FORMAT, self.encoder.id, self.encoder.dim, asdict(weights), asdict(plan), articles_hash]
        content_hash = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        created = datetime.now(UTC)
        return Manifest(
            version=f"{created:%Y%m%dT%H%M%S%fZ}-{content_hash[:8]}",
            encoder_id=self.encoder.id,
            dim=self.encoder.dim,
            chunks=chunks,
            articles=len(contents.articles),
            content_hash=content_hash,
            created=created.isoformat(timespec="seconds"),
            weights=weights,
            plan=plan,
            files={},
        )

    def _write(self, contents: Contents, manifest: Manifest, folder: Path) -> int:
        """Writes all but the contents; returns how many chunks were embedded."""
        embedded = self._write_vectors(contents, manifest.plan, folder)
        progress, read, total = self.options.progress, 0, manifest.articles

        def advance(documents: int) -> None:
            nonlocal read
            read += documents
            progress("words counted", read, total)

        texts = (article_text(article) for article in contents.articles.in_order())
        write_lexical(texts, contents.layout.languages, folder, advance)
        replace(manifest, files=stamp_files(folder)).save(folder)
        return embedded

    def _write_vectors(self, contents: Contents, plan: IndexPlan, folder: Path) -> int:
        exact = create_array(folder / EXACT_FILE, (len(contents.chunks), self.encoder.dim), "float32")
        identity = hashlib.sha256(f"{self.encoder.id} {self.encoder.dim}".encode()).hexdigest()[:16]
        options, work = self.options, self.root / WORK_FOLDER / identity
        embedder = Embedder(self.encoder, self.known.vectors, work, options.sharding, options.progress)
        embedded = embedder.embed(contents, exact)
        if plan.kind is IndexKind.FLAT:
            FlatVectors.build(exact).save(folder)
            (folder / EXACT_FILE).unlink()
        else:
            ApproximateVectors.build(exact, plan).save(folder)
        return embedded

    def _report(self, version: str, contents: Contents, embedded: int, started: float) -> BuildReport:
        earlier = self.known.contents.articles.in_order() if self.known.contents else iter(())
        added, changed, unchanged, deleted = _compare(earlier, contents.articles.in_order())
        seconds = time.perf_counter() - started
        chunks = len(contents.chunks)
        return BuildReport(version, added, changed, unchanged, deleted, chunks, embedded, seconds)


def _compare(earlier: Iterator[Article], later: Iterator[Article]) -> tuple[int, int, int, int]:
    """Returns how many of the later articles, both sorted, are new, changed and unchanged, and how many are gone."""
    added = changed = unchanged = deleted = 0
    old, new = next(earlier, None), next(later, None)
    while old is not None or new is not None:
        if old is None or (new is not None and article_key(new) < article_key(old)):
            added, new = added + 1, next(later, None)
        elif new is None or article_key(old) < article_key(new):
            deleted, old = deleted + 1, next(earlier, None)
        else:
            same = hash_article(old) == hash_article(new)
            unchanged, changed = unchanged + same, changed + (not same)
            old, new = next(earlier, None), next(later, None)
    return added, changed, unchanged, deleted

"""Searching the index: dense and lexical scores, joined, one result an article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from kb_index.approximate import ApproximateVectors
from kb_index.candidates import CandidateRanker, ExactRanker, Queries, Ranker
from kb_index.contents import Contents
from kb_index.errors import REMEDY, DamagedIndexError, QueryError
from kb_index.lexical import LexicalIndex
from kb_index.manifest import Manifest
from kb_index.plan import IndexKind, IndexPlan
from kb_index.ranking import Pick
from kb_index.store import open_version, read_pointer
from kb_index.vectors import FlatVectors

REMEMBERED_IDS = 4_096


class Hit(NamedTuple):
    """One article that may answer a query.

    Attributes:
        language: of the version to show: the customer's, or the nearest where there is none.
        chunk: the nearest piece of that version.
        score: dense and lexical joined with the weights of the manifest; higher is nearer.
        dense: cosine with the nearest chunk in any language, in [-1, 1].
        lexical: BM25 of the best version in any language divided by the query's best, in [0, 1].
        preferred_language: whether `language` is the customer's.
    """

    article_id: str
    language: str
    title: str
    category: str
    chunk: str
    score: float
    dense: float
    lexical: float
    preferred_language: bool


class KnowledgeIndex:
    """One version of the index; immutable, safe for any number of threads.

    Its files are memory-mapped: they take memory once for all processes, and as far as they are read.
    """

    def __init__(self, manifest: Manifest, contents: Contents, ranker: Ranker) -> None:
        self.manifest = manifest
        self._contents = contents
        self._ranker = ranker
        self._place = lru_cache(maxsize=REMEMBERED_IDS)(self._find)

    @property
    def version(self) -> str:
        """The name of the version."""
        return self.manifest.version

    @property
    def articles(self) -> Mapping[tuple[str, str], Article]:
        """Every article by id and language."""
        return self._contents.articles

    def search(
        self,
        embeddings: NDArray[np.float32],
        texts: Sequence[str],
        languages: Sequence[str],
        limit: int = 5,
        wanted: Sequence[Sequence[str]] = (),
    ) -> list[list[Hit]]:
        """Returns up to `limit` hits for each query, best first, one an article id.

        A query whose vector is zero and whose words are all unknown has none. A flat index compares every
        article; the others only those an approximate search proposes, those with the best words, and
        `wanted`: their scores are as exact, but another article can be missed.

        Args:
            embeddings: ``(n, dim) float32``, unit or zero rows, from the encoder of the manifest.
            texts: the queries as written.
            languages: ISO 639-1 code of each customer's language; any other code prefers none.
            limit: 1 or more.
            wanted: for each query, article ids that are among its hits whatever their score (within the limit).

        Raises:
            QueryError: the arguments do not fit together or the index.
        """
        if not len(embeddings) == len(texts) == len(languages) or (wanted and len(wanted) != len(texts)):
            raise QueryError(
                f"{len(embeddings)} embeddings, {len(texts)} texts, {len(languages)} languages and "
                f"{len(wanted)} lists of wanted articles: every query needs one of each (or no list at all)"
            )
        if limit < 1:
            raise QueryError(f"limit must be 1 or more, not {limit}")
        if not len(texts):
            return []
        places = [self._places(ids) for ids in wanted]
        ranked = self._ranker.rank(Queries(embeddings, texts, languages, places), limit)
        return [[self._hit(pick) for pick in picks] for picks in ranked]

    def _places(self, ids: Sequence[str]) -> NDArray[np.int64]:
        found = (self._place(article_id) for article_id in ids)
        return np.array([place for place in found if place is not None], dtype=np.int64)

    def _find(self, article_id: str) -> int | None:
        """Returns the place of an article among those of the layout, None if it is not there."""
        articles = self._contents.articles
        version = articles.place((article_id, ""))
        if version == len(articles) or articles.row(version).id != article_id:
            return None
        return int(np.searchsorted(self._contents.layout.version_starts, version))

    def _hit(self, pick: Pick) -> Hit:
        article = self._contents.articles.row(pick.version)
        return Hit(
            article_id=article.id,
            language=article.language,
            title=article.title,
            category=article.category,
            chunk=self._contents.chunks[pick.chunk],
            score=pick.fused,
            dense=pick.dense,
            lexical=pick.lexical,
            preferred_language=pick.preferred,
        )


def open_current(root: Path, encoder_id: str, dim: int) -> KnowledgeIndex:
    """Returns the version in use under `root`, its files memory-mapped.

    The sizes of the files are compared with the manifest, not their contents: see `store.verify_version`.

    Where that one was built with another encoder, the version before it is taken if it was built with this one:
    a bundle of another encoder is promoted in two steps, its index and then itself, and what is served in between
    must go on.

    Raises:
        NoIndexError: nothing has been built.
        WrongEncoderError: it was built with another encoder than `encoder_id`.
        DamagedIndexError: a file is missing or truncated, or is not what the manifest says.
    """
    pointer = read_pointer(root)
    folder = root / pointer.version
    manifest = open_version(folder)
    if manifest.encoder_id != encoder_id and pointer.previous is not None:
        older = root / pointer.previous
        if Manifest.load(older).encoder_id == encoder_id:
            folder, manifest = older, open_version(older)
    manifest.check_encoder(encoder_id, dim)
    contents = Contents.load(folder)
    vectors = load_vectors(folder, manifest.plan)
    lexical = LexicalIndex.load(folder, manifest.articles)
    expected = (manifest.articles, manifest.chunks, manifest.chunks, manifest.dim)
    found = (len(contents.articles), len(contents.chunks), vectors.count, vectors.dim)
    if found != expected:
        raise DamagedIndexError(
            f"{folder} has {found} articles, chunks, vectors and dimensions, but its manifest "
            f"says {expected}; {REMEDY}"
        )
    if isinstance(vectors, FlatVectors):
        return KnowledgeIndex(
            manifest, contents, ExactRanker(contents.layout, manifest.weights, vectors, lexical)
        )
    ranker = CandidateRanker(contents.layout, manifest.weights, vectors, lexical, manifest.plan.rerank)
    return KnowledgeIndex(manifest, contents, ranker)


def load_vectors(folder: Path, plan: IndexPlan) -> FlatVectors | ApproximateVectors:
    """Returns the vectors of a version, of the kind that its manifest names.

    Raises:
        DamagedIndexError: they cannot be read, or are of another kind.
    """
    if plan.kind is IndexKind.FLAT:
        return FlatVectors.load(folder)
    return ApproximateVectors.load(folder, plan)

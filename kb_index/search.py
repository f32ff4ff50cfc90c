"""Searching the index: dense and lexical scores, joined, one result an article."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from kb_index.contents import Contents, article_key
from kb_index.errors import REMEDY, DamagedIndexError, QueryError
from kb_index.layout import ABSENT, Layout
from kb_index.lexical import LexicalIndex
from kb_index.manifest import Manifest
from kb_index.store import read_pointer, verify_version
from kb_index.vectors import VectorIndex

ABOVE_ALL = np.float32(1e3)
"""More than any fused score: what lifts a wanted article into the hits."""


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


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything known of a batch of queries.

    Attributes:
        chunks: ``(n, chunks)`` cosines.
        versions: ``(n, versions)`` fused scores without regard to the customer's language.
        dense: ``(n, articles)`` cosines.
        lexical: ``(n, articles)`` scaled BM25.
        preferred: ``(n, articles)`` version in the customer's language, or `ABSENT`.
        fused: ``(n, articles)``, what hits are ordered by.
        found: ``(n,)`` whether a query has anything to compare with.
    """

    chunks: NDArray[np.float32]
    versions: NDArray[np.float32]
    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]
    preferred: NDArray[np.int64]
    fused: NDArray[np.float32]
    found: NDArray[np.bool_]


class Pick(NamedTuple):
    """An article that becomes a hit, with its row of `Scores`."""

    article: int
    fused: float
    dense: float
    lexical: float
    preferred: int


class KnowledgeIndex:
    """One version of the index in memory; immutable, safe for any number of threads."""

    def __init__(
        self, manifest: Manifest, contents: Contents, vectors: VectorIndex, lexical: LexicalIndex
    ) -> None:
        self.manifest = manifest
        self.articles: Mapping[tuple[str, str], Article] = {
            article_key(article): article for article in contents.articles
        }
        self._contents = contents
        self._vectors = vectors
        self._lexical = lexical
        self._layout = Layout.from_contents(contents)
        starts: list[int] = self._layout.chunk_starts.tolist()
        self._chunk_ranges = list(itertools.pairwise(starts))
        firsts = self._layout.version_starts[:-1].tolist()
        self._columns = {contents.articles[version].id: column for column, version in enumerate(firsts)}

    @property
    def version(self) -> str:
        """The name of the version."""
        return self.manifest.version

    def search(
        self,
        embeddings: NDArray[np.float32],
        texts: Sequence[str],
        languages: Sequence[str],
        limit: int = 5,
        wanted: Sequence[Sequence[str]] = (),
    ) -> list[list[Hit]]:
        """Returns up to `limit` hits for each query, best first, one an article id.

        A query whose vector is zero and whose words are all unknown has none.

        Args:
            embeddings: ``(n, dim) float32``, unit or zero rows, from the encoder of the manifest.
            texts: the queries as written.
            languages: ISO 639-1 code of each customer's language; any other code prefers none.
            limit: 1 or more.
            wanted: for each query, article ids that are among its hits whatever their score (within the limit).

        Raises:
            QueryError: the arguments do not fit together or the index.
        """
        if not len(embeddings) == len(texts) == len(languages):
            raise QueryError(
                f"{len(embeddings)} embeddings, {len(texts)} texts and {len(languages)} languages: "
                "every query needs one of each"
            )
        if limit < 1:
            raise QueryError(f"limit must be 1 or more, not {limit}")
        if not len(texts):
            return []
        scores = self._score(embeddings, texts, languages)
        preference = scores.fused
        if wanted:
            preference = preference + self._wanted_bonus(wanted)
        return self._hits(scores, _highest(preference, scores.fused, limit))

    def _wanted_bonus(self, wanted: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        bonus = np.zeros((len(wanted), len(self._columns)), dtype=np.float32)
        for row, ids in enumerate(wanted):
            for article_id in ids:
                if article_id in self._columns:
                    bonus[row, self._columns[article_id]] = ABOVE_ALL
        return bonus

    def _score(
        self, embeddings: NDArray[np.float32], texts: Sequence[str], languages: Sequence[str]
    ) -> Scores:
        layout, weights = self._layout, self.manifest.weights
        chunks = self._vectors.cosines(embeddings)
        dense = layout.best_of_chunks(chunks)
        lexical = self._lexical.scores(texts)
        best = lexical.max(axis=1, keepdims=True)
        lexical /= np.where(best > 0, best, 1)
        preferred = layout.versions_for(languages)
        dense_best, lexical_best = layout.best_of_versions(dense), layout.best_of_versions(lexical)
        fused = weights.dense * dense_best + weights.lexical * lexical_best
        fused += np.float32(weights.same_language) * (preferred != ABSENT)
        versions = weights.dense * dense + weights.lexical * lexical
        found = np.any(embeddings, axis=1) | (best[:, 0] > 0)
        return Scores(chunks, versions, dense_best, lexical_best, preferred, fused, found)

    def _hits(self, scores: Scores, best: NDArray[np.int64]) -> list[list[Hit]]:
        parts = (scores.fused, scores.dense, scores.lexical, scores.preferred)
        picked = [np.take_along_axis(part, best, axis=1).tolist() for part in parts]
        rows = enumerate(zip(best.tolist(), *picked, strict=True))
        return [
            [self._hit(scores, query, Pick(*pick)) for pick in zip(*row, strict=True)]
            if scores.found[query]
            else []
            for query, row in rows
        ]

    def _hit(self, scores: Scores, query: int, pick: Pick) -> Hit:
        version = pick.preferred
        if version == ABSENT:
            first, last = self._layout.version_starts[pick.article : pick.article + 2]
            version = int(first + scores.versions[query, first:last].argmax())
        article = self._contents.articles[version]
        start, end = self._chunk_ranges[version]
        nearest = start + int(scores.chunks[query, start:end].argmax())
        return Hit(
            article_id=article.id,
            language=article.language,
            title=article.title,
            category=article.category,
            chunk=self._contents.chunks[nearest].text,
            score=pick.fused,
            dense=pick.dense,
            lexical=pick.lexical,
            preferred_language=pick.preferred != ABSENT,
        )


def open_current(root: Path, encoder_id: str, dim: int) -> KnowledgeIndex:
    """Returns the version in use under `root`, verified and read into memory.

    Raises:
        NoIndexError: nothing has been built.
        WrongEncoderError: it was built with another encoder than `encoder_id`.
        DamagedIndexError: a file is missing, truncated or changed.
    """
    folder = root / read_pointer(root).version
    manifest = verify_version(folder)
    manifest.check_encoder(encoder_id, dim)
    contents, vectors, lexical = Contents.load(folder), VectorIndex.load(folder), LexicalIndex.load(folder)
    expected = (manifest.articles, manifest.chunks, manifest.dim, manifest.articles)
    found = (len(contents.articles), vectors.count, vectors.dim, lexical.count)
    if found != expected or len(contents.chunks) != vectors.count:
        raise DamagedIndexError(
            f"{folder} has {found} articles, vectors, dimensions and lexical documents, but its manifest "
            f"says {expected}; {REMEDY}"
        )
    return KnowledgeIndex(manifest, contents, vectors, lexical)


def _highest(preference: NDArray[np.float32], scores: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    """Returns ``(n, <= limit)`` columns of the highest preference, those with the best score first."""
    if scores.shape[1] > limit:
        columns = np.sort(np.argpartition(-preference, limit - 1, axis=1)[:, :limit], axis=1)
    else:
        columns = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(columns, order, axis=1))

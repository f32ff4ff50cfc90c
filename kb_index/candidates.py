"""The two ways to rank: every article where they are few, chosen candidates where they are many.

Both end in `ranking.rank` with exact cosines and exact BM25, so a score means the same whatever the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb_index.approximate import ApproximateVectors
from kb_index.layout import Layout
from kb_index.lexical import LexicalIndex
from kb_index.manifest import FusionWeights
from kb_index.ranking import Evidence, Pick, rank
from kb_index.vectors import FlatVectors

BLOCK_SCORES = 2**24
"""Scores held at once by an exact search: 64 MB."""
LEXICAL_CANDIDATES = 50
MORE_THAN_ASKED = 4
"""Chunks taken from an approximate search for each hit asked for, as an article has several."""


@dataclass(frozen=True, slots=True)
class Queries:
    """A batch of checked queries.

    Attributes:
        embeddings: ``(n, dim) float32``.
        languages: of the customers.
        wanted: places of the articles that are hits whatever their score, for each query; or empty.
    """

    embeddings: NDArray[np.float32]
    texts: Sequence[str]
    languages: Sequence[str]
    wanted: Sequence[NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, rows: slice) -> Queries:
        """Returns some of the queries."""
        return Queries(self.embeddings[rows], self.texts[rows], self.languages[rows], self.wanted[rows])


class Ranker(Protocol):
    """Ranks articles for queries."""

    def rank(self, queries: Queries, limit: int) -> list[list[Pick]]:
        """Returns up to `limit` articles for each query, best first."""
        ...


@dataclass(frozen=True)
class ExactRanker:
    """Scores every chunk and every article."""

    layout: Layout
    weights: FusionWeights
    vectors: FlatVectors
    lexical: LexicalIndex

    def rank(self, queries: Queries, limit: int) -> list[list[Pick]]:
        """Returns up to `limit` articles for each query, best first."""
        size = max(1, BLOCK_SCORES // self.vectors.count)
        blocks = (queries.part(slice(start, start + size)) for start in range(0, len(queries), size))
        return [picks for block in blocks for picks in self._rank_block(block, limit)]

    def _rank_block(self, queries: Queries, limit: int) -> list[list[Pick]]:
        evidence = Evidence(
            chunks=self.vectors.cosines(queries.embeddings),
            lexical=self.lexical.scores(queries.texts),
            languages=queries.languages,
            wanted=self._mark(queries.wanted),
            meaningful=np.any(queries.embeddings, axis=1),
        )
        return rank(self.layout, self.weights, evidence, limit)

    def _mark(self, wanted: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        if not wanted:
            return None
        marks = np.zeros((len(wanted), self.layout.articles), dtype=np.bool_)
        for row, articles in zip(marks, wanted, strict=True):
            row[articles] = True
        return marks


@dataclass(frozen=True)
class CandidateRanker:
    """Scores the articles near a query in an approximate search, the best lexical ones and the wanted ones.

    Attributes:
        rerank: chunks taken from the approximate search.
    """

    layout: Layout
    weights: FusionWeights
    vectors: ApproximateVectors
    lexical: LexicalIndex
    rerank: int

    def rank(self, queries: Queries, limit: int) -> list[list[Pick]]:
        """Returns up to `limit` articles for each query, best first."""
        size = min(max(self.rerank, MORE_THAN_ASKED * limit), self.vectors.count)
        near = self.vectors.nearest(queries.embeddings, size)
        return [
            self._rank_one(queries.part(slice(row, row + 1)), near[row], limit) for row in range(len(queries))
        ]

    def _rank_one(self, query: Queries, near: NDArray[np.int64], limit: int) -> list[Pick]:
        text, wanted = query.texts[0], query.wanted[0] if query.wanted else None
        lexical = self.lexical.nearest(text, max(LEXICAL_CANDIDATES, limit))
        articles = [
            self.layout.articles_of_chunks(near[near >= 0]),
            self.layout.articles_of_versions(lexical),
            np.zeros(0, dtype=np.int64) if wanted is None else wanted,
        ]
        part = self.layout.take(np.unique(np.concatenate(articles)))
        if not len(part.articles):
            return []
        evidence = Evidence(
            chunks=self.vectors.cosines(query.embeddings[0], part.chunks)[None],
            lexical=self.lexical.scores_of(text, part.versions)[None],
            languages=query.languages,
            wanted=None if wanted is None else np.isin(part.articles, wanted)[None],
            meaningful=np.any(query.embeddings, axis=1),
        )
        picks = rank(part.layout, self.weights, evidence, limit)[0]
        return [
            pick._replace(version=int(part.versions[pick.version]), chunk=int(part.chunks[pick.chunk]))
            for pick in picks
        ]

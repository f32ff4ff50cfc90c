"""From scores of chunks and versions to the articles that may answer: one score, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb_index.layout import ABSENT, Layout
from kb_index.manifest import FusionWeights

ABOVE_ALL = np.float32(1e3)
"""More than any fused score: what lifts a wanted article into the hits."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a batch of queries is judged by.

    Attributes:
        chunks: ``(n, chunks)`` cosines.
        lexical: ``(n, versions)`` BM25.
        languages: of the customers.
        wanted: ``(n, articles)``: which articles are hits whatever their score, None for none.
        meaningful: ``(n,)``: whether a query's vector says anything.
    """

    chunks: NDArray[np.float32]
    lexical: NDArray[np.float32]
    languages: Sequence[str]
    wanted: NDArray[np.bool_] | None
    meaningful: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything known of a batch of queries.

    Attributes:
        versions: ``(n, versions)`` fused scores without regard to the customer's language.
        dense: ``(n, articles)`` cosines.
        lexical: ``(n, articles)`` scaled BM25.
        preferred: ``(n, articles)`` version in the customer's language, or `ABSENT`.
        fused: ``(n, articles)``, what hits are ordered by.
        found: ``(n,)`` whether a query has anything to compare with.
    """

    versions: NDArray[np.float32]
    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]
    preferred: NDArray[np.int64]
    fused: NDArray[np.float32]
    found: NDArray[np.bool_]


class Pick(NamedTuple):
    """An article that becomes a hit.

    Attributes:
        version: the one to show; `chunk` its nearest.
        preferred: whether it is in the customer's language.
    """

    version: int
    chunk: int
    fused: float
    dense: float
    lexical: float
    preferred: bool


def rank(layout: Layout, weights: FusionWeights, evidence: Evidence, limit: int) -> list[list[Pick]]:
    """Returns up to `limit` articles of `layout` for each query, best first."""
    scores = score(layout, weights, evidence)
    preference = scores.fused
    if evidence.wanted is not None:
        preference = np.where(evidence.wanted, preference + ABOVE_ALL, preference)
    best = _highest(preference, scores.fused, limit)
    parts = (scores.preferred, scores.fused, scores.dense, scores.lexical)
    columns = [best.tolist(), *(np.take_along_axis(part, best, axis=1).tolist() for part in parts)]
    return [
        [_pick(layout, scores, evidence.chunks, query, numbers) for numbers in zip(*row, strict=True)]
        if scores.found[query]
        else []
        for query, row in enumerate(zip(*columns, strict=True))
    ]


def score(layout: Layout, weights: FusionWeights, evidence: Evidence) -> Scores:
    """Returns the scores of every article of `layout`."""
    dense = layout.best_of_chunks(evidence.chunks)
    best = evidence.lexical.max(axis=1, keepdims=True)
    lexical = np.asarray(evidence.lexical / np.where(best > 0, best, 1), dtype=np.float32)
    preferred = layout.versions_for(evidence.languages)
    dense_best, lexical_best = layout.best_of_versions(dense), layout.best_of_versions(lexical)
    fused = weights.dense * dense_best + weights.lexical * lexical_best
    fused += np.float32(weights.same_language) * (preferred != ABSENT)
    versions = weights.dense * dense + weights.lexical * lexical
    found = evidence.meaningful | (best[:, 0] > 0)
    return Scores(versions, dense_best, lexical_best, preferred, fused, found)


def _pick(
    layout: Layout,
    scores: Scores,
    chunks: NDArray[np.float32],
    query: int,
    numbers: tuple[int, int, float, float, float],
) -> Pick:
    article, preferred, fused, dense, lexical = numbers
    version = preferred
    if version == ABSENT:
        first, last = layout.version_starts[article : article + 2].tolist()
        version = first + int(scores.versions[query, first:last].argmax())
    start, end = layout.chunk_starts[version : version + 2].tolist()
    nearest = start + int(chunks[query, start:end].argmax())
    return Pick(version, nearest, fused, dense, lexical, preferred != ABSENT)


def _highest(preference: NDArray[np.float32], scores: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    """Returns ``(n, <= limit)`` columns of the highest preference, those with the best score first."""
    if scores.shape[1] > limit:
        columns = np.sort(np.argpartition(-preference, limit - 1, axis=1)[:, :limit], axis=1)
    else:
        columns = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(columns, order, axis=1))

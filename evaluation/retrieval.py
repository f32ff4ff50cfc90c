"""Figures of a search for the one document that answers a query (as in BEIR, Thakur et al. 2021)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.retrieval import Document, Query
from evaluation.passages import PassageScores, open_passages
from models.encoder import Encoder

DEPTH = 10
UNFOUND = np.iinfo(np.int64).max
FIGURES = ("recall@1", "recall@3", "recall@10", "mrr@10", "ndcg@10")


class Side(StrEnum):
    """What orders the documents."""

    DENSE = "dense"
    LEXICAL = "lexical"
    FUSED = "fused"


@dataclass(frozen=True)
class RetrievalResult:
    """What was found.

    Attributes:
        ranks: ``(queries,)`` for each side: place of the right document from 0, or `UNFOUND`.
        queries: those that were asked; `skipped` were not, as their document is not there.
    """

    ranks: Mapping[Side, NDArray[np.int64]]
    queries: Sequence[Query]
    skipped: int
    documents: int
    sharpness: float

    def figures(self) -> dict[str, object]:
        """Returns the figures as JSON holds them."""
        sides = {
            str(side): {name: float(values.mean()) for name, values in query_figures(ranks).items()}
            for side, ranks in self.ranks.items()
        }
        return {
            **sides,
            "queries": len(self.queries),
            "skipped_queries": self.skipped,
            "documents": self.documents,
        }


def measure_retrieval(
    documents: Sequence[Document], queries: Sequence[Query], encoder: Encoder
) -> RetrievalResult:
    """Returns where each search finds the documents; queries for a document that is not there are counted only.

    Raises:
        DataError: no query asks for a document that is there.
    """
    place = {document.id: number for number, document in enumerate(documents)}
    asked = [query for query in queries if query.document in place]
    if not asked:
        raise DataError(
            f"none of the {len(queries):,} queries names a document that is there: the first asks for "
            f"{queries[0].document!r}; the first document is {documents[0].id!r}"
        )
    wanted = np.array([place[query.document] for query in asked])
    with open_passages([document.text for document in documents], encoder) as passages:
        blocks = list(_rank(passages.search([query.text for query in asked]), wanted))
        sharpness = passages.sharpness
    ranks = {side: np.concatenate([block[side] for block in blocks]) for side in Side}
    return RetrievalResult(ranks, asked, len(queries) - len(asked), len(documents), sharpness)


def ranks_of(scores: NDArray[np.float32], wanted: NDArray[np.intp]) -> NDArray[np.int64]:
    """Returns ``(n,)``: how many documents stand before the wanted one; among equals, those listed first do."""
    own = scores[np.arange(len(wanted)), wanted][:, None]
    earlier = np.arange(scores.shape[1]) < wanted[:, None]
    return np.asarray(((scores > own) | ((scores == own) & earlier)).sum(axis=1), dtype=np.int64)


def query_figures(ranks: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Returns each figure of each query, in [0, 1]; one document is right."""
    near = ranks < DEPTH
    place = np.where(near, ranks, 0)
    recalls = {f"recall@{depth}": (ranks < depth).astype(np.float64) for depth in (1, 3, 10)}
    gains = {"mrr@10": near / (place + 1.0), "ndcg@10": near / np.log2(place + 2.0)}
    return recalls | gains


def _rank(
    blocks: Iterator[PassageScores], wanted: NDArray[np.intp]
) -> Iterator[dict[Side, NDArray[np.int64]]]:
    start = 0
    for scores in blocks:
        own = wanted[start : start + len(scores.dense)]
        start += len(own)
        shared = scores.lexical[np.arange(len(own)), own] > 0
        yield {
            Side.DENSE: ranks_of(scores.dense, own),
            Side.LEXICAL: np.where(shared, ranks_of(scores.lexical, own), UNFOUND),
            Side.FUSED: ranks_of(scores.fused, own),
        }

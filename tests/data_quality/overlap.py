"""Jaccard overlap of character n-grams of many texts at once; `data.statistics` defines it for two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from data.schema import LabelledTicket
from data.statistics import character_grams


def pairwise_overlap(tickets: Sequence[LabelledTicket]) -> NDArray[np.float32]:
    """Returns ``(n, n)`` overlaps in [0, 1]."""
    grams = [character_grams(ticket.text, ticket.language) for ticket in tickets]
    columns: dict[str, int] = {}
    indices = [columns.setdefault(gram, len(columns)) for found in grams for gram in found]
    sizes = np.array([len(found) for found in grams], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    matrix = csr_matrix(
        (np.ones(len(indices), dtype=np.float32), indices, starts), shape=(len(tickets), len(columns))
    )
    shared = (matrix @ matrix.T).toarray()
    return np.asarray(shared / (sizes[:, None] + sizes[None, :] - shared), dtype=np.float32)


def pairs_above(
    tickets: Sequence[LabelledTicket], overlaps: NDArray[np.float32], allowed: NDArray[np.bool_], limit: float
) -> list[str]:
    """Returns a line for each pair of `allowed` whose overlap is above `limit`."""
    return [
        f"{overlaps[i, j]:.2f} {tickets[i].id} {tickets[i].message[:60]!r} ~ {tickets[j].id} "
        f"{tickets[j].message[:60]!r}"
        for i, j in np.argwhere(np.triu((overlaps > limit) & allowed, 1))
    ]

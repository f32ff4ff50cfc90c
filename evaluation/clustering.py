"""Groups of texts about one matter, whatever their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UNCLUSTERED = -1
PSEUDO_TICKETS = 20
FEWEST_FOR_DIRECTIONS = 1000
"""The common directions of fewer texts could be their matter."""


@dataclass
class Background:
    """What all texts have in common, added up a text at a time: the part of an embedding that is not its matter.

    Texts of one language are nearer to each other than their matter alone would have it, and some directions
    (letters against short messages, mentions of the company) tell styles apart. Without them, the same matter in
    German, Japanese and Chinese comes together.
    """

    sums: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    products: NDArray[np.float64] | None = None

    def add(self, language: str, embedding: NDArray[np.float32]) -> None:
        """Takes one more text into account."""
        wide = embedding.astype(np.float64)
        product = np.outer(wide, wide)
        self.sums[language] = self.sums.get(language, 0) + wide
        self.counts[language] = self.counts.get(language, 0) + 1
        self.products = product if self.products is None else self.products + product

    def remove_from(self, embeddings: NDArray[np.float32], languages: Sequence[str]) -> NDArray[np.float32]:
        """Returns ``(n, dim)`` unit rows without the background; a zero row stays zero.

        Removed are the mean of the language (that of a language of few texts is drawn towards the mean of all: it
        would be their matter otherwise) and the strongest directions, one for every hundred dimensions (Mu and
        Viswanath 2018), where there are texts enough to know them.
        """
        centred = embeddings - np.stack([self._means[language] for language in languages])
        for direction in self._directions:
            centred -= np.outer(centred @ direction, direction)
        centred[~embeddings.any(axis=1)] = 0
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.asarray(centred / np.maximum(lengths, 1e-12), dtype=np.float32)

    @property
    def _means(self) -> Mapping[str, NDArray[np.float64]]:
        overall = np.sum(list(self.sums.values()), axis=0) / sum(self.counts.values())
        return {
            language: (total + PSEUDO_TICKETS * overall) / (self.counts[language] + PSEUDO_TICKETS)
            for language, total in self.sums.items()
        }

    @property
    def _directions(self) -> Sequence[NDArray[np.float64]]:
        if self.products is None or sum(self.counts.values()) < FEWEST_FOR_DIRECTIONS:
            return ()
        within = [np.outer(total, total) / self.counts[language] for language, total in self.sums.items()]
        _, vectors = np.linalg.eigh(self.products - np.sum(within, axis=0))
        return list(vectors.T[::-1][: len(vectors) // 100])


def cluster_rows(
    rows: NDArray[np.float32], *, distance: float, fewest: int, most_rows: int = 4000, seed: int = 13
) -> NDArray[np.int64]:
    """Returns ``(n,)`` cluster numbers, the largest cluster first; `UNCLUSTERED` for what belongs to none.

    Average linkage (Sokal and Michener 1958) up to a cosine distance. More than `most_rows` are reduced at random;
    the others then join the nearest cluster within the distance.

    Args:
        rows: ``(n, dim)``, unit or zero rows; a zero row belongs to no cluster.
        distance: mean cosine distance up to which clusters are joined, in [0, 2].
        fewest: rows of a cluster; smaller ones are none.
        most_rows: that are clustered directly.
        seed: same rows, same clusters.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    labels = np.full(len(rows), UNCLUSTERED, dtype=np.int64)
    known = np.flatnonzero(rows.any(axis=1))
    chosen = known
    if len(known) > most_rows:
        chosen = np.sort(np.random.default_rng(seed).choice(known, most_rows, replace=False))
    if len(chosen) < max(2, fewest):
        return labels
    tree = linkage(pdist(rows[chosen].astype(np.float64), "cosine"), "average")
    labels[chosen] = fcluster(tree, distance, "distance")
    labels = _by_size(labels, max(2, fewest * len(chosen) // len(known)))
    _join(rows, labels, np.setdiff1d(known, chosen), distance)
    return _by_size(labels, fewest)


def _join(
    rows: NDArray[np.float32], labels: NDArray[np.int64], others: NDArray[np.intp], distance: float
) -> None:
    """Gives every row of `others` the label of the nearest cluster, if that is near enough."""
    numbers = [number for number in np.unique(labels) if number != UNCLUSTERED]
    if not len(others) or not numbers:
        return
    means = np.stack([rows[labels == number].mean(axis=0) for number in numbers])
    mean_distance = 1 - rows[others] @ means.T
    nearest = mean_distance.argmin(axis=1)
    near = mean_distance[np.arange(len(others)), nearest] <= distance
    labels[others[near]] = np.array(numbers)[nearest[near]]


def _by_size(labels: NDArray[np.int64], fewest: int) -> NDArray[np.int64]:
    """Returns the labels renumbered from the largest cluster down; those below `fewest` become none."""
    numbers, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(
        (number for number in range(len(numbers)) if numbers[number] != UNCLUSTERED),
        key=lambda number: (-counts[number], first[number]),
    )
    renumbered = np.full(len(labels), UNCLUSTERED, dtype=np.int64)
    for new, number in enumerate(number for number in order if counts[number] >= fewest):
        renumbered[labels == numbers[number]] = new
    return renumbered

"""Vectors that need not be computed again, found by the content hash of their chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb_index.arrays import map_array

HASHES_FILE = "hashes.npy"
VECTORS_FILE = "vectors.npy"
BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """Vectors with the hashes of their chunks.

    Attributes:
        hashes: ``(n,)``, sorted.
        rows: ``(n,)``: where the vector of each hash stands in `vectors`.
        vectors: ``(n, dim) float32``, usually memory-mapped.
    """

    hashes: NDArray[np.bytes_]
    rows: NDArray[np.intp]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, hashes: NDArray[np.bytes_], vectors: NDArray[np.float32]) -> KnownVectors:
        """Returns the vectors of chunks in any order."""
        rows = np.argsort(hashes, kind="stable")
        return cls(hashes[rows], rows, vectors)

    @classmethod
    def load(cls, folder: Path) -> KnownVectors:
        """Returns the vectors of a finished shard, see `shards.embed_shard`.

        Raises:
            DamagedIndexError: a file cannot be read.
        """
        return cls.of(map_array(folder / HASHES_FILE), map_array(folder / VECTORS_FILE))

    def find(self, hashes: NDArray[np.bytes_]) -> NDArray[np.intp]:
        """Returns the row of each hash in `vectors`, -1 where it is not known."""
        if not len(self.hashes):
            return np.full(len(hashes), -1)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[places] == hashes, self.rows[places], -1)


def fill_known(
    hashes: NDArray[np.bytes_],
    known: Sequence[KnownVectors],
    out: NDArray[np.float32],
    missing: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Copies known vectors to the `missing` rows of `out`; returns which are still missing.

    Args:
        hashes: ``(n,)`` of the chunks whose vectors `out` is to hold.
        known: where to look, first to last.
        out: ``(n, dim) float32``.
        missing: ``(n,)``.
    """
    left = missing.copy()
    for start in range(0, len(hashes), BLOCK):
        for part in known:
            places = start + np.flatnonzero(left[start : start + BLOCK])
            rows = part.find(hashes[places])
            found = rows >= 0
            out[places[found]] = part.vectors[rows[found]]
            left[places[found]] = False
    return left

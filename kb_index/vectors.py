"""Dense search: exact cosines of every vector, from a flat FAISS index."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from kb_index.errors import REMEDY, DamagedIndexError, QueryError, UnusableInputError

VECTORS_FILE = "vectors.faiss"
EVERYTHING = -2.0
UNIT_TOLERANCE = 1e-3


class FlatVectors:
    """Unit vectors in FAISS; their inner product with a unit query is the cosine."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        faiss.omp_set_num_threads(1)
        self._index = index

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return int(self._index.ntotal)

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> FlatVectors:
        """Returns an index of ``(n, dim) float32`` rows, each of unit length or zero."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def cosines(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n, count) float32``: the cosine of each query with each vector, in [-1, 1].

        A range search without a lower bound: aggregation over articles needs every score, and this costs a
        fifth of asking FAISS for all of them sorted.

        Raises:
            QueryError: the queries are not ``(n, dim)``, or not finite.
        """
        rows = check_queries(queries, self.dim)
        if not len(rows):
            return np.zeros((0, self.count), dtype=np.float32)
        _, scores, ids = self._index.range_search(rows, EVERYTHING)
        found = np.empty(len(rows) * self.count, dtype=np.float32)
        places = ids.reshape(len(rows), self.count) + np.arange(len(rows))[:, None] * self.count
        found[places.ravel()] = scores
        return np.clip(found, -1.0, 1.0, out=found).reshape(places.shape)

    def stored(self) -> NDArray[np.float32]:
        """Returns ``(count, dim) float32``: the vectors as they were added."""
        return np.asarray(self._index.reconstruct_n(0, self.count), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Writes the index to `folder`."""
        faiss.write_index(self._index, str(folder / VECTORS_FILE))

    @classmethod
    def load(cls, folder: Path) -> FlatVectors:
        """Returns the index saved in `folder`, memory-mapped.

        Raises:
            DamagedIndexError: FAISS cannot read it, or it is of another kind.
        """
        index = map_faiss(folder)
        if not isinstance(index, faiss.IndexFlatIP):
            raise DamagedIndexError(
                f"{folder / VECTORS_FILE} is a {type(index).__name__}, not a flat index; {REMEDY}"
            )
        return cls(index)


def map_faiss(folder: Path) -> faiss.Index:
    """Returns the FAISS index of a version; its vectors stay in the file, which processes share.

    Raises:
        DamagedIndexError: FAISS cannot read it.
    """
    path = folder / VECTORS_FILE
    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as error:
        raise DamagedIndexError(f"{path} is not a FAISS index ({error}); {REMEDY}") from error


def check_queries(queries: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """Returns `queries` as FAISS wants them.

    Raises:
        QueryError: they are not ``(n, dim)``, or not finite.
    """
    rows = np.ascontiguousarray(queries, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise QueryError(f"queries have the shape {rows.shape}; this index takes (n, {dim})")
    if not np.isfinite(rows).all():
        raise QueryError("a query vector holds NaN or infinity")
    return rows


def check_unit(vectors: NDArray[np.float32]) -> None:
    """Refuses rows that are neither of unit length nor zero.

    Raises:
        UnusableInputError: there is one.
    """
    norms = np.linalg.norm(vectors, axis=1)
    bad = ~((np.abs(norms - 1) < UNIT_TOLERANCE) | (norms == 0))
    if bad.any():
        row = int(bad.argmax())
        raise UnusableInputError(
            f"vector {row} has length {norms[row]:.4g}, not 1: the encoder must return unit rows"
        )

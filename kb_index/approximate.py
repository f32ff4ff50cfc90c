"""Dense search in a large corpus: a few hundred candidates from FAISS, then their exact cosines.

FAISS holds short codes, in inverted lists (IVF) or in a navigable graph (HNSW; Malkov and Yashunin 2018). The
codes round, which caps the recall; so the vectors themselves lie beside, memory-mapped, and whatever FAISS
proposes is scored with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb_index.arrays import map_array
from kb_index.errors import REMEDY, DamagedIndexError
from kb_index.plan import IndexKind, IndexPlan
from kb_index.vectors import VECTORS_FILE, check_queries, map_faiss

EXACT_FILE = "vectors.npy"
CODES = {
    4: faiss.ScalarQuantizer.QT_4bit,
    8: faiss.ScalarQuantizer.QT_8bit,
    16: faiss.ScalarQuantizer.QT_fp16,
}
SEED = 13
TRAINED_ON = 64
"""Vectors for each inverted list that its centre is learnt from."""
LEAST_TRAINED_ON = 20_000
BATCH = 65_536


class ApproximateVectors:
    """Codes in FAISS beside unit vectors."""

    def __init__(self, index: Any, exact: NDArray[np.float32], plan: IndexPlan) -> None:
        faiss.omp_set_num_threads(1)
        self._index = index
        self._exact = exact
        if plan.kind is IndexKind.IVF:
            index.nprobe = plan.nprobe
        else:
            index.hnsw.efSearch = plan.ef_search

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return int(self._index.ntotal)

    @classmethod
    def build(cls, vectors: NDArray[np.float32], plan: IndexPlan) -> ApproximateVectors:
        """Returns an index of ``(n, dim) float32`` rows, which are read in batches; the same twice."""
        faiss.omp_set_num_threads(1)
        count, dim = vectors.shape
        index = _empty(dim, plan)
        wanted = max(LEAST_TRAINED_ON, TRAINED_ON * plan.nlist)
        sample = np.random.default_rng(SEED).choice(count, min(count, wanted), replace=False)
        index.train(np.ascontiguousarray(vectors[np.sort(sample)], dtype=np.float32))
        for start in range(0, count, BATCH):
            index.add(np.ascontiguousarray(vectors[start : start + BATCH], dtype=np.float32))
        return cls(index, vectors, plan)

    def nearest(self, queries: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
        """Returns ``(n, limit)`` rows that are probably among the nearest of each query; -1 where none is.

        Raises:
            QueryError: the queries are not ``(n, dim)``, or not finite.
        """
        return np.asarray(self._index.search(check_queries(queries, self.dim), limit)[1])

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns ``(len(rows),) float32``: the exact cosine of one query with these vectors, in [-1, 1]."""
        return np.asarray(np.clip(self._exact[rows] @ query, -1.0, 1.0), dtype=np.float32)

    def stored(self) -> NDArray[np.float32]:
        """Returns ``(count, dim) float32``: the vectors as they were added."""
        return self._exact

    def save(self, folder: Path) -> None:
        """Writes the codes to `folder`; the vectors are there already."""
        faiss.write_index(self._index, str(folder / VECTORS_FILE))

    @classmethod
    def load(cls, folder: Path, plan: IndexPlan) -> ApproximateVectors:
        """Returns the index saved in `folder`, memory-mapped.

        Raises:
            DamagedIndexError: a file cannot be read, or the index is not what `plan` says.
        """
        index, exact = map_faiss(folder), map_array(folder / EXACT_FILE)
        found, expected = _describe(index), (plan.kind, plan.bits, plan.nlist, plan.m)
        if found != expected:
            raise DamagedIndexError(
                f"{folder / VECTORS_FILE} is a {type(index).__name__} with kind, bits, nlist, m = {found}, "
                f"but its manifest says {expected}; {REMEDY}"
            )
        if exact.shape != (index.ntotal, index.d):
            raise DamagedIndexError(
                f"{folder / EXACT_FILE} has the shape {exact.shape}, the index beside it "
                f"{(index.ntotal, index.d)}; {REMEDY}"
            )
        return cls(index, exact, plan)


def _empty(dim: int, plan: IndexPlan) -> Any:
    codes = CODES[plan.bits]
    if plan.kind is IndexKind.HNSW:
        graph: Any = faiss.IndexHNSWSQ(dim, codes, plan.m, faiss.METRIC_INNER_PRODUCT)  # type: ignore[arg-type]  # stub
        graph.hnsw.efConstruction = plan.ef_construction
        return graph
    centres: Any = faiss.IndexFlatIP(dim)
    lists: Any = faiss.IndexIVFScalarQuantizer(centres, dim, plan.nlist, codes, faiss.METRIC_INNER_PRODUCT)
    centres.this.disown()
    lists.own_fields = True
    lists.cp.seed = SEED
    lists.cp.min_points_per_centroid = 1
    lists.cp.max_points_per_centroid = TRAINED_ON
    return lists


def _describe(index: Any) -> tuple[IndexKind | None, int, int, int]:
    """Returns kind, bits, nlist and m of a FAISS index; 0 for what it does not have."""
    bits = {code: width for width, code in CODES.items()}
    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        return IndexKind.IVF, bits.get(index.sq.qtype, 0), index.nlist, 0
    if isinstance(index, faiss.IndexHNSWSQ):
        graph: Any = index
        storage: Any = faiss.downcast_index(graph.storage)
        return IndexKind.HNSW, bits.get(storage.sq.qtype, 0), 0, graph.hnsw.nb_neighbors(1)
    return None, 0, 0, 0

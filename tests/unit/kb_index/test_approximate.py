from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kb_index.approximate import EXACT_FILE, ApproximateVectors
from kb_index.arrays import save_array
from kb_index.errors import DamagedIndexError, QueryError
from kb_index.plan import IndexKind, IndexOptions, IndexPlan, choose_plan
from kb_index.vectors import VECTORS_FILE, FlatVectors
from models.encoder import unit_rows

DIM = 32
KINDS = [IndexKind.IVF, IndexKind.HNSW]


def clustered_units(rows: int, seed: int) -> NDArray[np.float32]:
    """Rows around 50 centres, as texts lie around their topics."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(50, DIM))
    found = centres[random.integers(0, 50, rows)] + 0.7 * random.normal(size=(rows, DIM))
    return unit_rows(found.astype(np.float32))


def plan_of(kind: IndexKind, rows: int, bits: int = 8) -> IndexPlan:
    return choose_plan(IndexOptions(kind, bits=bits), rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_nearest_then_exact_cosines_find_the_true_neighbours(kind: IndexKind, bits: int) -> None:
    stored, asked = clustered_units(5_000, 1), clustered_units(100, 2)
    index = ApproximateVectors.build(stored, plan_of(kind, len(stored), bits))
    recalls = []
    for query, rows in zip(asked, index.nearest(asked, 100), strict=True):
        best = rows[np.argsort(-index.cosines(query, rows))[:10]]
        recalls.append(np.isin(np.argsort(-(stored @ query))[:10], best).mean())
    assert np.mean(recalls) >= 0.95


@pytest.mark.parametrize("kind", KINDS)
def test_cosines_are_exact_whatever_the_codes(kind: IndexKind) -> None:
    stored, query = clustered_units(500, 1), clustered_units(1, 2)[0]
    index = ApproximateVectors.build(stored, plan_of(kind, len(stored), 4))
    rows = np.array([3, 499, 0])
    np.testing.assert_allclose(index.cosines(query, rows), stored[rows] @ query, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_build_twice_gives_the_same_bytes(kind: IndexKind, tmp_path: Path) -> None:
    stored = clustered_units(3_000, 1)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ApproximateVectors.build(stored, plan_of(kind, len(stored))).save(tmp_path / name)
    first, second = ((tmp_path / name / VECTORS_FILE).read_bytes() for name in ("one", "two"))
    assert first == second


@pytest.mark.parametrize("kind", KINDS)
def test_save_then_load_gives_the_same_neighbours(kind: IndexKind, tmp_path: Path) -> None:
    stored, asked = clustered_units(2_000, 1), clustered_units(9, 2)
    plan = plan_of(kind, len(stored))
    built = ApproximateVectors.build(stored, plan)
    save_array(tmp_path / EXACT_FILE, stored)
    built.save(tmp_path)
    loaded = ApproximateVectors.load(tmp_path, plan)
    np.testing.assert_array_equal(loaded.nearest(asked, 20), built.nearest(asked, 20))
    np.testing.assert_array_equal(loaded.stored(), stored)
    assert (loaded.count, loaded.dim) == stored.shape


@pytest.mark.parametrize("kind", KINDS)
def test_nearest_of_unfit_queries_is_refused(kind: IndexKind) -> None:
    index = ApproximateVectors.build(clustered_units(100, 1), plan_of(kind, 100))
    with pytest.raises(QueryError, match="shape"):
        index.nearest(np.zeros((1, DIM + 1), dtype=np.float32), 5)
    with pytest.raises(QueryError, match="NaN"):
        index.nearest(np.full((1, DIM), np.nan, dtype=np.float32), 5)


@pytest.mark.parametrize(
    "plan",
    [
        choose_plan(IndexOptions(IndexKind.HNSW), 100),
        choose_plan(IndexOptions(IndexKind.IVF, nlist=9), 100),
        choose_plan(IndexOptions(IndexKind.IVF, bits=4), 100),
    ],
)
def test_load_of_another_index_than_planned_is_refused(plan: IndexPlan, tmp_path: Path) -> None:
    stored = clustered_units(100, 1)
    save_array(tmp_path / EXACT_FILE, stored)
    ApproximateVectors.build(stored, choose_plan(IndexOptions(IndexKind.IVF), 100)).save(tmp_path)
    with pytest.raises(DamagedIndexError, match="manifest says"):
        ApproximateVectors.load(tmp_path, plan)
    with pytest.raises(DamagedIndexError, match="not a flat index"):
        FlatVectors.load(tmp_path)


def test_load_of_a_flat_index_where_another_is_planned_is_refused(tmp_path: Path) -> None:
    stored = clustered_units(100, 1)
    save_array(tmp_path / EXACT_FILE, stored)
    FlatVectors.build(stored).save(tmp_path)
    with pytest.raises(DamagedIndexError, match="IndexFlatIP"):
        ApproximateVectors.load(tmp_path, plan_of(IndexKind.IVF, 100))


def test_load_with_vectors_of_another_number_is_refused(tmp_path: Path) -> None:
    stored, plan = clustered_units(100, 1), plan_of(IndexKind.IVF, 100)
    ApproximateVectors.build(stored, plan).save(tmp_path)
    save_array(tmp_path / EXACT_FILE, stored[1:])
    with pytest.raises(DamagedIndexError, match="shape"):
        ApproximateVectors.load(tmp_path, plan)

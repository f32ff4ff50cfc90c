from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from kb_index.errors import DamagedIndexError, QueryError, UnusableInputError
from kb_index.vectors import VECTORS_FILE, FlatVectors, check_unit
from models.encoder import unit_rows


def random_units(rows: int, seed: int) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32))


@pytest.mark.parametrize("queries", [1, 7, 64])
def test_cosines_equal_a_brute_force_in_numpy(queries: int) -> None:
    stored, asked = random_units(500, 1), random_units(queries, 2)
    brute = [[float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b)) for b in stored] for a in asked]
    np.testing.assert_allclose(FlatVectors.build(stored).cosines(asked), brute, atol=1e-5)


def test_cosines_of_the_same_opposite_and_zero_vector_are_1_minus_1_and_0() -> None:
    stored = random_units(3, 1)
    asked = np.stack([stored[0], -stored[0], np.zeros(16, dtype=np.float32)])
    np.testing.assert_allclose(FlatVectors.build(stored).cosines(asked)[:, 0], [1, -1, 0], atol=1e-6)


def test_cosines_never_leave_the_range() -> None:
    stored = random_units(200, 1)
    assert np.abs(FlatVectors.build(stored).cosines(stored)).max() <= 1


def test_cosines_of_no_query_have_no_rows() -> None:
    assert FlatVectors.build(random_units(5, 1)).cosines(np.zeros((0, 16), dtype=np.float32)).shape == (0, 5)


@pytest.mark.parametrize("queries", [np.zeros((2, 8)), np.zeros(16), np.full((1, 16), np.nan)])
def test_cosines_of_unfit_queries_are_refused(queries: NDArray[np.float64]) -> None:
    with pytest.raises(QueryError):
        FlatVectors.build(random_units(5, 1)).cosines(queries.astype(np.float32))


@pytest.mark.parametrize("bad", [2.0, np.nan, np.inf])
def test_rows_that_are_not_unit_are_refused(bad: float) -> None:
    with pytest.raises(UnusableInputError, match="vector 0"):
        check_unit(np.full((1, 4), bad, dtype=np.float32))


def test_save_then_load_gives_the_same_cosines_and_vectors(tmp_path: Path) -> None:
    built = FlatVectors.build(random_units(9, 1))
    built.save(tmp_path)
    loaded = FlatVectors.load(tmp_path)
    np.testing.assert_array_equal(loaded.cosines(random_units(4, 2)), built.cosines(random_units(4, 2)))
    np.testing.assert_array_equal(loaded.stored(), random_units(9, 1))


def test_load_of_what_is_no_flat_index_is_an_error(tmp_path: Path) -> None:
    (tmp_path / VECTORS_FILE).write_bytes(b"nonsense")
    with pytest.raises(DamagedIndexError, match="not a FAISS index"):
        FlatVectors.load(tmp_path)
    faiss.write_index(faiss.IndexFlatL2(4), str(tmp_path / VECTORS_FILE))
    with pytest.raises(DamagedIndexError, match="not a flat index"):
        FlatVectors.load(tmp_path)

from __future__ import annotations

import numpy as np
import pytest

from models.errors import ModelError
from models.vector_table import VectorTable, quantize_rows, unpack


@pytest.fixture
def vectors() -> np.ndarray:
    rows = np.random.default_rng(0).standard_normal((20, 8)).astype(np.float32)
    rows[3] = 0
    return rows


@pytest.mark.parametrize(("bits", "top"), [(4, 7), (8, 127)])
def test_quantize_rows_table_gives_the_vectors_back(vectors: np.ndarray, bits: int, top: int) -> None:
    table = quantize_rows(vectors, bits)
    assert (table.codes.dtype, table.scales.dtype) == (np.int8, np.float32)
    assert abs(table.codes).max() == top
    np.testing.assert_allclose(table.vectors(), vectors, atol=float(abs(vectors).max()) / top / 2 + 1e-6)


@pytest.mark.parametrize(("bits", "nbytes"), [(4, 20 * 4), (8, 20 * 8)])
def test_unpack_saved_tensors_give_the_same_table(vectors: np.ndarray, bits: int, nbytes: int) -> None:
    table = quantize_rows(vectors, bits)
    tensors = table.tensors()
    assert tensors["table"].nbytes == nbytes
    again = unpack(tensors, bits)
    np.testing.assert_array_equal(again.codes, table.codes)
    np.testing.assert_array_equal(again.scales, table.scales)


@pytest.mark.parametrize(("dim", "bits"), [(8, 5), (7, 4)])
def test_quantize_rows_shape_that_cannot_be_packed_is_refused(dim: int, bits: int) -> None:
    with pytest.raises(ModelError, match="even dimension"):
        quantize_rows(np.ones((2, dim), dtype=np.float32), bits)


def test_vector_table_missing_scales_are_refused() -> None:
    with pytest.raises(ModelError, match="do not belong together"):
        VectorTable(np.zeros((3, 4), dtype=np.int8), np.ones(2, dtype=np.float32))

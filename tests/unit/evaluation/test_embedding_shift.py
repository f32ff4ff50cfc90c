from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.embedding_shift import measure_embedding_shift


def rows(count: int, seed: int, shift: float = 0.0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(count, 12))
    vectors[:, 0] += shift
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_measure_embedding_shift_statistic_equals_the_definition() -> None:
    first, second = rows(15, 1), rows(10, 2, 1.0)
    both = np.concatenate([first, second]).astype(np.float64)
    squared = ((both[:, None] - both[None, :]) ** 2).sum(axis=2)
    kernel = np.exp(-squared / np.median(squared[np.triu_indices(25, 1)]))
    within = [sum(k[i, j] for i in range(len(k)) for j in range(len(k)) if i != j) / (len(k) * (len(k) - 1))
              for k in (kernel[:15, :15], kernel[15:, 15:])]  # fmt: skip
    expected = sum(within) - 2 * kernel[:15, 15:].mean()
    assert measure_embedding_shift(first, second, permutations=10).mmd2 == pytest.approx(expected, abs=1e-5)


def test_measure_embedding_shift_same_texts_false_alarms_stay_rare() -> None:
    p_values = [
        measure_embedding_shift(rows(60, 2 * seed), rows(40, 2 * seed + 1), permutations=100).p_value
        for seed in range(100)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.1
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.1)


def test_measure_embedding_shift_other_texts_are_found() -> None:
    found = measure_embedding_shift(rows(200, 1), rows(200, 2, 0.7))
    assert found.p_value < 0.005
    assert found.effect > found.chance


def test_measure_embedding_shift_many_rows_are_reduced_and_repeat_exactly() -> None:
    first, second = rows(500, 1), rows(400, 2)
    one, other = (measure_embedding_shift(first, second, permutations=20, most_rows=50) for _ in range(2))
    assert one == other
    assert (one.reference_rows, one.current_rows) == (50, 50)


def test_measure_embedding_shift_texts_without_a_known_word_do_not_break_it() -> None:
    nothing = np.zeros((30, 4), dtype=np.float32)
    assert measure_embedding_shift(nothing, nothing, permutations=20).p_value == 1.0

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb_index.fusion import LEARNT, FusionModel, fit_sharpness, standardise

QUERIES, DOCUMENTS = 300, 60


def scores(random: np.random.Generator, signal: float) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    wanted = np.arange(QUERIES) % DOCUMENTS
    found = random.standard_normal((QUERIES, DOCUMENTS))
    found[np.arange(QUERIES), wanted] += signal
    return found.astype(np.float32), wanted


def first(found: NDArray[np.float32], wanted: NDArray[np.intp]) -> float:
    return float((found.argmax(axis=1) == wanted).mean())


def words(random: np.random.Generator, signal: float) -> NDArray[np.float32]:
    """BM25 as it looks: most documents share little with a query."""
    return np.maximum(scores(random, signal)[0] * 4, 0).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.5, 3.0, 5.0]), st.sampled_from([1.5, 3.0, 5.0]))
def test_fuse_any_dense_side_is_not_worse_than_the_better_side(
    seed: int, meaning: float, shared_words: float
) -> None:
    random = np.random.default_rng(seed)
    dense, wanted = scores(random, meaning)
    lexical = words(random, shared_words)
    sharpness = fit_sharpness(scores(random, meaning)[0], wanted)
    fused = LEARNT.fuse(dense * np.float32(0.1), lexical, sharpness)
    assert first(fused, wanted) >= max(first(dense, wanted), first(lexical, wanted)) - 0.03


def test_fuse_without_a_shared_word_keeps_the_dense_order() -> None:
    dense, _ = scores(np.random.default_rng(1), 1.0)
    fused = LEARNT.fuse(dense, np.zeros_like(dense), sharpness=2.0)
    assert np.argsort(fused, axis=1).tolist() == np.argsort(dense, axis=1).tolist()


def test_fuse_without_meaning_keeps_the_lexical_order() -> None:
    lexical = words(np.random.default_rng(2), 2.0)
    fused = LEARNT.fuse(np.zeros_like(lexical), lexical, sharpness=2.0)
    assert (
        np.argsort(fused, axis=1, kind="stable").tolist()
        == np.argsort(lexical, axis=1, kind="stable").tolist()
    )


def test_fuse_adds_each_score_with_its_weight() -> None:
    dense = np.array([[0.0, 1.0]], dtype=np.float32)  # standardised: -1 and 1
    lexical = np.array([[4.0, 2.0]], dtype=np.float32)
    fused = FusionModel(dense=0.5, lexical=0.1, relative=1.0).fuse(dense, lexical, sharpness=3.0)
    assert fused == pytest.approx(np.array([[-1.5 + 0.4 + 1.0, 1.5 + 0.2 + 0.5]]))


def test_fit_sharpness_is_near_zero_for_noise_and_grows_with_the_signal() -> None:
    random = np.random.default_rng(4)
    found = [fit_sharpness(*scores(random, signal)) for signal in (0.0, 2.0, 6.0)]
    assert found[0] < 0.3
    assert found[0] < found[1] < found[2]


def test_standardise_constant_row_becomes_zero() -> None:
    assert standardise(np.full((1, 4), 0.7, dtype=np.float32)) == pytest.approx(0.0, abs=0.2)

from __future__ import annotations

import numpy as np
import pytest

from models.novelty import FOREIGN_WEIGHT, Novelty

KNOWN = np.array([[1, 0], [0, 1]], dtype=np.float32)
FOREIGN = np.array([[-1, 0]], dtype=np.float32)
NONE = np.zeros((0, 2), dtype=np.float32)
EQUAL = np.eye(2, dtype=np.float32)
TEXTS = np.array([[1, 0], [0.6, 0.8], [0, 0], [-1, 0], [-0.6, -0.8]], dtype=np.float32)


def test_score_known_vectors_falls_with_the_best_cosine() -> None:
    best = np.array([1, 0.8, 0, 0, -0.6])
    found = Novelty(EQUAL, KNOWN, NONE).score(TEXTS)
    np.testing.assert_allclose(found, (1 - best / (1 + FOREIGN_WEIGHT)) / 2, atol=1e-6)


def test_score_nearness_to_a_foreign_text_counts_against_it() -> None:
    best, foreign = np.array([1, 0.8, 0, 0, -0.6]), np.array([-1, -0.6, 0, 1, 0.6])
    found = Novelty(EQUAL, KNOWN, FOREIGN).score(TEXTS)
    nearness = best - FOREIGN_WEIGHT * foreign
    np.testing.assert_allclose(found, (1 - nearness / (1 + FOREIGN_WEIGHT)) / 2, atol=1e-6)
    assert (found[0], found[2]) == (0.0, 0.5)


def test_score_whitening_changes_what_is_near_and_not_how_long_a_vector_is() -> None:
    stretched = np.diag([1, 10]).astype(np.float32)
    text = np.array([[0.9, 0.2]], dtype=np.float32)
    plain, white = (Novelty(matrix, KNOWN[:1], NONE).score(text)[0] for matrix in (EQUAL, stretched))
    assert white > plain
    assert Novelty(stretched, KNOWN, NONE).score(3 * text) == pytest.approx(
        Novelty(stretched, KNOWN, NONE).score(text)
    )


@pytest.mark.parametrize("foreign", [FOREIGN, NONE])
def test_from_tensors_saved_novelty_gives_the_same_scores(foreign: np.ndarray) -> None:
    random = np.random.default_rng(0)
    embeddings = random.standard_normal((5, 2)).astype(np.float32)
    novelty = Novelty(random.standard_normal((2, 2)).astype(np.float32), KNOWN, foreign)
    np.testing.assert_array_equal(
        Novelty.from_tensors(novelty.tensors()).score(embeddings), novelty.score(embeddings)
    )

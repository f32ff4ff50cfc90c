from __future__ import annotations

import numpy as np

from models.novelty import Novelty

PROTOTYPES = np.array([[1, 0], [0, 1]], dtype=np.float32)


def test_score_known_vectors_gives_half_of_one_minus_the_best_cosine() -> None:
    embeddings = np.array([[1, 0], [0.6, 0.8], [0, 0], [-1, 0], [-0.6, -0.8]], dtype=np.float32)
    np.testing.assert_allclose(Novelty(PROTOTYPES).score(embeddings), [0, 0.1, 0.5, 0.5, 0.8], atol=1e-6)


def test_from_tensors_saved_novelty_gives_the_same_scores() -> None:
    random = np.random.default_rng(0)
    embeddings = random.standard_normal((5, 2)).astype(np.float32)
    novelty = Novelty(PROTOTYPES)
    np.testing.assert_array_equal(
        Novelty.from_tensors(novelty.tensors()).score(embeddings), novelty.score(embeddings)
    )

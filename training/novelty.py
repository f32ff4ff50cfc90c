"""Fits the out-of-scope score: a few prototypes of each label, from the training texts themselves.

Chosen against Mahalanobis, relative Mahalanobis, k nearest neighbours and maximum probability: see
``evaluation/LOG.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.novelty import Novelty
from training.errors import TrainingError

PROTOTYPES = 8


def fit_novelty(
    embeddings: NDArray[np.float32],
    labels: Sequence[str | None],
    prototypes: int = PROTOTYPES,
    seed: int = 13,
) -> Novelty:
    """Returns the distance to the nearest prototype of a label; the prototypes are k-means centres.

    Args:
        embeddings: ``(n, dim)``, unit rows.
        labels: of each row; None for a text that is out of scope, from which nothing is learnt.
        prototypes: of each label, at most; a label has no more than it has different texts.
        seed: of k-means.

    Raises:
        TrainingError: no row has a label.
    """
    names = np.array([label or "" for label in labels])
    known = sorted({label for label in labels if label})
    if not known:
        raise TrainingError("the out-of-scope score needs texts that are in scope: no row has a label")
    centres = [_centres(embeddings[names == label], prototypes, seed) for label in known]
    stacked = np.concatenate(centres)
    norms = np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)
    return Novelty((stacked / norms).astype(np.float32))


def _centres(rows: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    from sklearn.cluster import KMeans

    different = len(np.unique(rows, axis=0))
    found = KMeans(min(count, different), n_init=1, max_iter=50, random_state=seed).fit(rows)
    return np.asarray(found.cluster_centers_, dtype=np.float32)

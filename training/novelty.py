"""Fits the out-of-scope score from embeddings and labels alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.encoder import unit_rows
from models.novelty import Novelty
from training.errors import TrainingError

OUT_OF_SCOPE = "out_of_scope"
"""The topic, where a taxonomy has it, of tickets that are not for this desk."""
KNOWN, FOREIGN = 4, 16
"""Prototypes of each label at most, and of everything out of scope."""
SHRINKAGE = 0.7
"""How far the covariance within labels is drawn to one that is equal in all directions."""


def fit_novelty(
    embeddings: NDArray[np.float32], labels: Sequence[str | None], known: int = KNOWN, seed: int = 13
) -> Novelty:
    """Returns the out-of-scope score; its prototypes are k-means centres of the whitened texts.

    Args:
        embeddings: ``(n, dim)``, unit rows.
        labels: of each row; None for a text that is known to be out of scope.
        known: prototypes of each label at most; no more than it has different texts.
        seed: of k-means.

    Raises:
        TrainingError: no row has a label.
    """
    names = np.array([label or "" for label in labels])
    classes = sorted({label for label in labels if label})
    if not classes:
        raise TrainingError("the out-of-scope score needs texts that are in scope: no row has a label")
    whitening = _whitening(embeddings, names, classes)
    white = unit_rows(embeddings @ whitening)
    centres = [_centres(white[names == label], known, seed) for label in classes]
    foreign = _centres(white[names == ""], FOREIGN, seed)
    return Novelty(whitening, unit_rows(np.concatenate(centres)), unit_rows(foreign))


def _whitening(
    embeddings: NDArray[np.float32], names: NDArray[np.str_], classes: Sequence[str]
) -> NDArray[np.float32]:
    """Returns the inverse square root of the shrunk covariance that all labels share, ``(dim, dim)``."""
    rest = [embeddings[names == label] - embeddings[names == label].mean(axis=0) for label in classes]
    within = np.concatenate(rest).astype(np.float64)
    covariance = within.T @ within / len(within)
    dim = len(covariance)
    level = np.trace(covariance) / dim or 1.0
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(dim)
    values, vectors = np.linalg.eigh(shrunk)
    root = vectors @ np.diag((values / level) ** -0.5) @ vectors.T
    return np.asarray(root, dtype=np.float32)


def _centres(rows: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    from sklearn.cluster import KMeans

    different = len(np.unique(rows, axis=0))
    if not different:
        return rows
    found = KMeans(min(count, different), n_init=1, max_iter=50, random_state=seed).fit(rows)
    return np.asarray(found.cluster_centers_, dtype=np.float32)

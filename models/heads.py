"""Light classifiers: one on the embedding, one on hashed n-grams, joined by weighted mean log-probability.

Prediction is two matrix products on stored weights; no scikit-learn is needed to serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from models.ngrams import hash_ngrams
from models.surface import surface_features


@dataclass(frozen=True)
class Features:
    """What heads read of a batch of texts.

    Attributes:
        embedding: ``(n, dim) float32``, unit rows.
        dense: ``(n, dim + surface) float32``, the embedding and surface features.
        ngrams: ``(n, buckets)`` sparse float32.
    """

    embedding: NDArray[np.float32]
    dense: NDArray[np.float32]
    ngrams: csr_matrix

    def __len__(self) -> int:
        return len(self.dense)

    def take(self, rows: NDArray[np.intp]) -> Features:
        """Returns the features of some rows."""
        return Features(self.embedding[rows], self.dense[rows], self.ngrams[rows])


def extract_features(texts: Sequence[str], embedding: NDArray[np.float32]) -> Features:
    """Returns the features of `texts`, whose embeddings are given."""
    dense = np.concatenate([embedding, surface_features(texts)], axis=1)
    return Features(embedding, dense, hash_ngrams(texts))


@dataclass(frozen=True)
class Head:
    """A trained classifier.

    Attributes:
        labels: the classes, in the order of the columns.
        dense_weights: ``(dim + surface, classes)``; `dense_bias` ``(classes,)``.
        ngram_weights: ``(buckets, classes)``; `ngram_bias` ``(classes,)``.
        share: weight of the dense view's log-probability, in [0, 1].
        temperature: divides the joined log-probabilities (Guo et al. 2017).
    """

    labels: tuple[str, ...]
    dense_weights: NDArray[np.float32]
    dense_bias: NDArray[np.float32]
    ngram_weights: NDArray[np.float32]
    ngram_bias: NDArray[np.float32]
    share: float
    temperature: float

    def log_probabilities(self, features: Features) -> NDArray[np.float32]:
        """Returns ``(n, classes) float32`` calibrated log-probabilities."""
        return join_views(
            features.dense @ self.dense_weights + self.dense_bias,
            features.ngrams @ self.ngram_weights + self.ngram_bias,
            self.share,
            self.temperature,
        )


def join_views(
    dense: NDArray[np.float32], ngrams: NDArray[np.float32], share: float, temperature: float
) -> NDArray[np.float32]:
    """Returns log-probabilities of two views' logits, each ``(n, classes)``, joined and tempered."""
    joined = share * log_softmax(dense) + (1 - share) * log_softmax(ngrams)
    return log_softmax(joined / temperature)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns row-wise log-probabilities of ``(n, classes)`` logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)

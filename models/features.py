"""The views of a text that heads read, computed once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from models.encoder import Encoder
from models.ngrams import hash_ngrams
from models.static_encoder import StaticEncoder
from models.surface import surface_features
from models.token_counts import count_tokens


class View(StrEnum):
    """One way to look at a text."""

    DENSE = "dense"
    TOKENS = "tokens"
    NGRAMS = "ngrams"


@dataclass(frozen=True)
class Features:
    """The views of a batch of texts.

    Attributes:
        embedding: ``(n, dim) float32``, unit rows.
        dense: ``(n, dim + surface) float32``, the embedding and surface features.
        tokens: ``(n, vocabulary)`` sparse float32, see `models.token_counts`.
        ngrams: ``(n, buckets)`` sparse float32, see `models.ngrams`.
    """

    embedding: NDArray[np.float32]
    dense: NDArray[np.float32]
    tokens: csr_matrix
    ngrams: csr_matrix

    def __len__(self) -> int:
        return len(self.dense)

    def matrix(self, view: View) -> Any:
        """Returns the matrix of one view: dense or sparse."""
        return getattr(self, view.value)

    def take(self, rows: NDArray[np.intp]) -> Features:
        """Returns the features of some rows."""
        return Features(self.embedding[rows], self.dense[rows], self.tokens[rows], self.ngrams[rows])

    def join(self, other: Features) -> Features:
        """Returns these rows and then the others."""
        return Features(
            np.concatenate([self.embedding, other.embedding]),
            np.concatenate([self.dense, other.dense]),
            vstack([self.tokens, other.tokens], format="csr"),
            vstack([self.ngrams, other.ngrams], format="csr"),
        )


@dataclass(frozen=True)
class FeatureReader:
    """Reads every view of a text.

    Attributes:
        encoder: any encoder; gives the embedding.
        vocabulary: the static encoder whose tokens are counted; often `encoder` itself.
    """

    encoder: Encoder
    vocabulary: StaticEncoder

    def read(self, texts: Sequence[str]) -> Features:
        """Returns the features of `texts`."""
        tokens = count_tokens(self.vocabulary.tokenize(texts), self.vocabulary.size)
        shared = self.encoder is self.vocabulary
        embedding = self.vocabulary.pool(tokens) if shared else self.encoder.encode(texts)
        return Features(
            embedding=embedding,
            dense=np.concatenate([embedding, surface_features(texts)], axis=1),
            tokens=tokens,
            ngrams=hash_ngrams(texts),
        )

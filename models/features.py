"""The views of a text that heads read, computed once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from models.encoder import Encoder
from models.negation import split_negated
from models.ngrams import hash_ngrams
from models.static_encoder import StaticEncoder
from models.surface import surface_features


class View(StrEnum):
    """One way to look at a text; the tone views leave out what a negation turns around."""

    DENSE = "dense"
    TOKENS = "tokens"
    TONE_DENSE = "tone_dense"
    TONE_TOKENS = "tone_tokens"
    NGRAMS = "ngrams"


@dataclass(frozen=True)
class Features:
    """The views of a batch of texts.

    Attributes:
        texts: the texts themselves, for heads that read words in their order.
        embedding: ``(n, dim) float32``, unit rows, of the encoder.
        dense: ``(n, dim + surface) float32``, the embedding and surface features.
        tokens: ``(n, vocabulary)`` sparse float32, see `models.token_counts`.
        tone_dense: ``(n, static dim + surface) float32``; `tone_tokens` as `tokens`; both without negated words.
        ngrams: ``(n, buckets)`` sparse float32, see `models.ngrams`.
    """

    texts: tuple[str, ...]
    embedding: NDArray[np.float32]
    dense: NDArray[np.float32]
    tokens: csr_matrix
    tone_dense: NDArray[np.float32]
    tone_tokens: csr_matrix
    ngrams: csr_matrix

    def __len__(self) -> int:
        return len(self.dense)

    def matrix(self, view: View) -> Any:
        """Returns the matrix of one view: dense or sparse."""
        return getattr(self, view.value)

    def take(self, rows: NDArray[np.intp]) -> Features:
        """Returns the features of some rows."""
        return Features(**{field.name: _take(getattr(self, field.name), rows) for field in fields(self)})

    def join(self, other: Features) -> Features:
        """Returns these rows and then the others."""
        return Features(
            **{
                field.name: _stack(getattr(self, field.name), getattr(other, field.name))
                for field in fields(self)
            }
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
        ids = self.vocabulary.tokenize(texts)
        tokens = self.vocabulary.count(ids)
        shared = self.encoder is self.vocabulary
        embedding = self.vocabulary.pool(tokens) if shared else self.encoder.encode(texts)
        surface = surface_features(texts)
        split = [split_negated(text) for text in texts]
        tone_tokens = self._tone_tokens(ids, split)
        return Features(
            texts=tuple(texts),
            embedding=embedding,
            dense=np.concatenate([embedding, surface], axis=1),
            tokens=tokens,
            tone_dense=np.concatenate([self.vocabulary.pool(tone_tokens), surface], axis=1),
            tone_tokens=tone_tokens,
            ngrams=hash_ngrams([text for text, _ in split], [words for _, words in split]),
        )

    def _tone_tokens(self, ids: list[list[int]], split: Sequence[tuple[str, tuple[str, ...]]]) -> csr_matrix:
        """Reads again only the texts that a negation changes."""
        changed = [row for row, (_, words) in enumerate(split) if words]
        again = iter(self.vocabulary.tokenize([split[row][0] for row in changed]))
        ids = [next(again) if words else own for own, (_, words) in zip(ids, split, strict=True)]
        return self.vocabulary.count(ids)


def _take(values: Any, rows: NDArray[np.intp]) -> Any:
    return tuple(values[row] for row in rows) if isinstance(values, tuple) else values[rows]


def _stack(first: Any, second: Any) -> Any:
    if isinstance(first, tuple):
        return first + second
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    return vstack([first, second], format="csr")

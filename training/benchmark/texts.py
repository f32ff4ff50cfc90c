"""What the views of a benchmark read of a text: its embedding, its tokens, its letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from models.encoder import Encoder
from models.language import LanguageReader
from models.static_encoder import StaticEncoder

LOOKED_AT = 300


@dataclass(frozen=True)
class TextBatch:
    """A batch of texts.

    Attributes:
        embedding: ``(n, dim) float32``, unit or zero rows, of the encoder.
        pieces: the token ids of each text, in order.
        tokens: ``(n, vocabulary)`` sparse float32, see `models.token_counts`.
    """

    texts: Sequence[str]
    embedding: NDArray[np.float32]
    pieces: Sequence[Sequence[int]]
    tokens: csr_matrix

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.intp]) -> TextBatch:
        """Returns some of the texts."""
        return TextBatch(
            [self.texts[row] for row in rows],
            self.embedding[rows],
            [self.pieces[row] for row in rows],
            self.tokens[rows],
        )

    def join(self, other: TextBatch) -> TextBatch:
        """Returns these texts and then the others."""
        return TextBatch(
            [*self.texts, *other.texts],
            np.concatenate([self.embedding, other.embedding]),
            [*self.pieces, *other.pieces],
            vstack([self.tokens, other.tokens], format="csr"),
        )


def main_language(texts: Sequence[str]) -> str:
    """Returns the language most of the first texts are in, ``und`` where that is none of ours."""
    guesses = LanguageReader().read(texts[:LOOKED_AT])
    return Counter(guess.language for guess in guesses).most_common(1)[0][0]


@dataclass(frozen=True)
class TextReader:
    """Reads texts.

    Attributes:
        encoder: any encoder; `vocabulary` the static one whose tokens are counted, often the same.
    """

    encoder: Encoder
    vocabulary: StaticEncoder

    def read(self, texts: Sequence[str]) -> TextBatch:
        """Returns the batch of `texts`."""
        pieces = self.vocabulary.tokenize(texts)
        tokens = self.vocabulary.count(pieces)
        shared = self.encoder is self.vocabulary
        embedding = self.vocabulary.pool(tokens) if shared else self.encoder.encode(texts)
        return TextBatch(texts, embedding, pieces, tokens)

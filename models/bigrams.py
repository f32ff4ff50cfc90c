"""Adjacent token pairs that have a vector of their own, so that pooled vectors see order and negation.

In the manner of sent2vec (Pagliardini et al. 2018): *not happy* is three features, *not*, *happy* and the pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError


@dataclass(frozen=True)
class Bigrams:
    """The known pairs; pair number i is column ``vocabulary + i``.

    Attributes:
        pairs: ``(n, 2) int32`` token ids, sorted and without repetition.
        vocabulary: number of single tokens.
    """

    pairs: NDArray[np.int32]
    vocabulary: int

    def __post_init__(self) -> None:
        if self.pairs.ndim != 2 or self.pairs.shape[1] != 2 or (np.diff(self.keys) <= 0).any():
            raise ModelError(
                f"token pairs must be sorted rows of two ids without repetition, got shape {self.pairs.shape}"
            )
        if self.pairs.size and not 0 <= self.pairs.min() <= self.pairs.max() < self.vocabulary:
            raise ModelError(f"a token pair names a token outside the vocabulary of {self.vocabulary}")

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def width(self) -> int:
        """Number of columns: tokens and pairs."""
        return self.vocabulary + len(self.pairs)

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """One number a pair, ascending."""
        return pair_keys(self.pairs[:, 0], self.pairs[:, 1], self.vocabulary)

    def append(
        self, tokens: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Returns the columns of a batch and how many each text has: its tokens, then its known pairs.

        Args:
            tokens: token ids of all texts, one text after the other.
            lengths: number of tokens of each text.
        """
        if not len(self) or len(tokens) < 2:
            return tokens, lengths
        text = np.repeat(np.arange(len(lengths)), lengths)
        keys = pair_keys(tokens[:-1], tokens[1:], self.vocabulary)
        rows = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        known = np.flatnonzero((self.keys[rows] == keys) & (text[:-1] == text[1:]))
        owner = text[known]
        added = np.bincount(owner, minlength=len(lengths))
        columns = np.empty(len(tokens) + len(known), dtype=np.int32)
        columns[np.arange(len(tokens)) + (np.cumsum(added) - added)[text]] = tokens
        columns[np.arange(len(known)) + np.cumsum(lengths)[owner]] = rows[known] + self.vocabulary
        return columns, lengths + added


def no_bigrams(vocabulary: int) -> Bigrams:
    """Returns a table without a pair."""
    return Bigrams(np.empty((0, 2), dtype=np.int32), vocabulary)


def pair_keys(first: NDArray[np.int32], second: NDArray[np.int32], vocabulary: int) -> NDArray[np.int64]:
    """Returns one number for each pair of tokens."""
    return first.astype(np.int64) * vocabulary + second

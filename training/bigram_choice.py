"""Chooses the token pairs that get a vector of their own: the most frequent ones of every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from models.bigrams import Bigrams, pair_keys
from training.ragged import Ragged


def choose_bigrams(
    texts: Mapping[str, Ragged],
    count: int,
    processor: sentencepiece.SentencePieceProcessor,
) -> Bigrams:
    """Returns the `count` pairs that have the greatest share of the pairs of some language.

    Pairs with a punctuation mark, a digit or an unknown token are left out: they say little.

    Args:
        texts: token ids by language.
        count: how many pairs; fewer where the text has fewer.
        processor: the tokenizer.
    """
    vocabulary = processor.get_piece_size()
    telling = _telling([processor.id_to_piece(row) for row in range(vocabulary)])
    found = [_shares(own, telling, vocabulary) for own in texts.values()]
    keys, which = np.unique(np.concatenate([own for own, _ in found]), return_inverse=True)
    best = np.zeros(len(keys))
    np.maximum.at(best, which, np.concatenate([shares for _, shares in found]))
    chosen = np.sort(keys[np.argsort(-best, kind="stable")[:count]])
    pairs = np.stack([chosen // vocabulary, chosen % vocabulary], axis=1)
    return Bigrams(pairs.astype(np.int32), vocabulary)


def _shares(
    texts: Ragged, telling: NDArray[np.bool_], vocabulary: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Returns the pairs of one language that occur twice or more, and their share of all pairs."""
    text = np.repeat(np.arange(len(texts)), texts.lengths)
    first, second = texts.flat[:-1], texts.flat[1:]
    kept = (text[:-1] == text[1:]) & telling[first] & telling[second]
    keys, counts = np.unique(pair_keys(first[kept], second[kept], vocabulary), return_counts=True)
    return keys[counts > 1], counts[counts > 1] / max(1, int(counts.sum()))


def _telling(pieces: Sequence[str]) -> NDArray[np.bool_]:
    """Returns which pieces are made of letters only; the first, the unknown token, is not."""
    return np.array([row > 0 and piece.strip("▁").isalpha() for row, piece in enumerate(pieces)])

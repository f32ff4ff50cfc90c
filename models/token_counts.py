"""Token counts of a batch of texts, scaled by length: what the token view multiplies with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from models.bigrams import Bigrams

LENGTH_POWER = 0.7
"""Between a mean (1), where long texts are never sure, and a sum (0), where they always are; chosen by trial."""
MAX_TOKENS = 512


def count_tokens(tokens: Sequence[Sequence[int]], bigrams: Bigrams) -> csr_matrix:
    """Returns ``(n, tokens and pairs)`` float32: each occurrence adds one over their number to the power 0.7.

    Args:
        tokens: token ids of each text; what is longer than `MAX_TOKENS` is cut.
        bigrams: the pairs that are counted besides.
    """
    cut = [text[:MAX_TOKENS] for text in tokens]
    lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut))
    flat = np.fromiter(chain.from_iterable(cut), dtype=np.int32, count=int(lengths.sum()))
    columns, counts = bigrams.append(flat, lengths)
    values = np.repeat(np.maximum(counts, 1).astype(np.float32) ** -LENGTH_POWER, counts)
    starts = np.concatenate(([0], np.cumsum(counts)))
    return csr_matrix((values, columns, starts), shape=(len(tokens), bigrams.width))


def token_ids(counts: csr_matrix) -> list[NDArray[np.int64]]:
    """Returns the columns of each text, in their order, of what `count_tokens` made."""
    return [ids.astype(np.int64) for ids in np.split(counts.indices, counts.indptr[1:-1])]

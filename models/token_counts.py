"""Token counts of a batch of texts, scaled by length: what the token view multiplies with its weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

LENGTH_POWER = 0.7
"""Between a mean (1), where long texts are never sure, and a sum (0), where they always are; chosen by trial."""
MAX_TOKENS = 512


def count_tokens(tokens: Sequence[Sequence[int]], vocabulary: int) -> csr_matrix:
    """Returns ``(n, vocabulary)`` float32: each occurrence of a token adds one over length to the power 0.7."""
    cut = [text[:MAX_TOKENS] for text in tokens]
    lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut))
    columns: NDArray[np.int32] = np.fromiter(
        (token for text in cut for token in text), dtype=np.int32, count=int(lengths.sum())
    )
    values = np.repeat(np.maximum(lengths, 1).astype(np.float32) ** -LENGTH_POWER, lengths)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return csr_matrix((values, columns, starts), shape=(len(tokens), vocabulary))


def token_ids(counts: csr_matrix) -> list[NDArray[np.int64]]:
    """Returns the token ids of each text, in their order, of what `count_tokens` made."""
    return [ids.astype(np.int64) for ids in np.split(counts.indices, counts.indptr[1:-1])]

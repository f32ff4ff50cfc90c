"""Hashed character n-grams, word pairs and negated words of a batch of texts, as one sparse matrix.

A vectorised equivalent of scikit-learn's ``HashingVectorizer(analyzer="char_wb")`` with sublinear term
frequency (Weinberger et al. 2009 for the hashing trick): no object a feature, microseconds a text.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

BITS = 17
BUCKETS = 1 << BITS
SIZES = (1, 2, 3, 4, 5)
MAX_CHARACTERS = 4_000
GAP = 0
PRIME = np.uint64(0x9E3779B97F4A7C15)
DIGIT = re.compile(r"\d")


def hash_ngrams(texts: Sequence[str], negated: Sequence[Sequence[str]]) -> csr_matrix:
    """Returns ``(n, 2**17)`` float32 rows of unit length: log counts of n-grams of one to five characters.

    N-grams stay within words (separated by white space); digits count as one symbol. Pairs of words count too.

    Args:
        texts: without the words that a negation turns around.
        negated: those words of each text, counted under a name of their own.
    """
    folded = [_fold(text) for text in texts]
    rows, buckets = _character_grams(folded)
    word_rows, word_buckets = _words(folded, negated)
    keys = np.concatenate([rows * BUCKETS + buckets, word_rows * BUCKETS + word_buckets])
    unique, counts = np.unique(keys, return_counts=True)
    row_of, column = unique // BUCKETS, unique % BUCKETS
    values = (1.0 + np.log(counts)).astype(np.float32)
    squares = np.bincount(row_of, weights=values * values, minlength=len(texts))
    values /= np.sqrt(np.maximum(squares, 1e-12))[row_of].astype(np.float32)
    starts = np.searchsorted(row_of, np.arange(len(texts) + 1))
    return csr_matrix((values, column.astype(np.int32), starts), shape=(len(texts), BUCKETS))


def _character_grams(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hashes every window of the whole batch at once; windows that touch a gap are dropped.

    Each word stands between two spaces, and two gaps separate words so that no window spans them.
    """
    prepared = [_spread(text) for text in texts]
    codes = np.frombuffer("".join(prepared).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(
        np.uint64
    )
    owner = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) for text in prepared])
    gap = codes == GAP
    state = np.zeros(len(codes), dtype=np.uint64)
    blocked = np.zeros(len(codes), dtype=bool)
    rows, buckets = [], []
    for size in range(1, max(SIZES) + 1):
        count = len(codes) - size + 1
        if count <= 0:
            break
        state = (state[:count] ^ codes[size - 1 :]) * PRIME
        state ^= state >> np.uint64(29)
        blocked = blocked[:count] | gap[size - 1 :]
        if size in SIZES:
            kept = ~blocked
            rows.append(owner[:count][kept])
            buckets.append(((state[kept] * PRIME) >> np.uint64(64 - BITS)).astype(np.int64))
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *rows]), np.concatenate([empty, *buckets])


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower().replace("\x00", " ")
    return DIGIT.sub("0", folded)


def _spread(folded: str) -> str:
    return "".join(f" {word} \x00" for word in folded.split())


def _words(
    texts: Sequence[str], negated: Sequence[Sequence[str]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = [
        (row, zlib.crc32(name.encode("utf-8", "surrogatepass")) >> (32 - BITS))
        for row, (text, words) in enumerate(zip(texts, negated, strict=True))
        for name in (*_pairs(text), *(f"not {word}" for word in words))
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _pairs(text: str) -> Iterator[str]:
    words = text.split()
    return (f"{first} {second}" for first, second in itertools.pairwise(words))

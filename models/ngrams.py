"""Hashed character n-grams and negated words of a batch of texts, as one sparse matrix.

A vectorised equivalent of scikit-learn's ``HashingVectorizer(analyzer="char_wb")`` with sublinear term
frequency (Weinberger et al. 2009 for the hashing trick): no object a feature, microseconds a text.
"""

from __future__ import annotations

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
SCOPE = 4
PRIME = np.uint64(0x9E3779B97F4A7C15)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[.,;:!?。、，！？；]")
STOP = re.compile(r"[.,;:!?。、，！？；]")
DIGIT = re.compile(r"\d")
# fmt: off
NEGATIONS = frozenset((
    *("not", "no", "never", "without", "cannot", "can't", "cant", "don't", "dont", "doesn't", "doesnt", "didn't"),
    *("didnt", "isn't", "isnt", "wasn't", "wasnt", "won't", "wont", "wouldn't", "couldn't", "haven't", "hasn't"),
    *("aren't", "nothing", "neither", "nor"),
    *("ni", "nunca", "jamás", "sin", "tampoco", "nada"),
    *("ne", "pas", "jamais", "sans", "aucun", "aucune", "rien", "plus"),
    *("nicht", "kein", "keine", "keinen", "keiner", "keinem", "nie", "niemals", "ohne", "weder", "nichts"),
))
# fmt: on
"""English, Spanish, French, German; Japanese and Chinese negate inside the n-grams."""


def hash_ngrams(texts: Sequence[str]) -> csr_matrix:
    """Returns ``(n, 2**17)`` float32 rows of unit length: log counts of n-grams of one to five characters.

    N-grams stay within words (separated by white space); digits count as one symbol. Words in the scope of a
    negation are counted once more under a name of their own, so that *not happy* differs from *happy*.
    """
    rows, buckets = _character_grams(texts)
    word_rows, word_buckets = _negated_words(texts)
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
    prepared = [_prepare(text) for text in texts]
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


def _prepare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower().replace("\x00", " ")
    return "".join(f" {word} \x00" for word in DIGIT.sub("0", folded).split())


def _negated_words(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = [
        (row, zlib.crc32(b"\x01" + word.encode("utf-8", "surrogatepass")) >> (32 - BITS))
        for row, text in enumerate(texts)
        for word in _in_scope(text[:MAX_CHARACTERS].lower())
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _in_scope(text: str) -> Iterator[str]:
    """Yields the words that follow a negation, up to four or the next punctuation mark."""
    left = 0
    for word in WORD.findall(text):
        if STOP.match(word):
            left = 0
        elif word in NEGATIONS:
            left = SCOPE
        elif left:
            left -= 1
            yield word

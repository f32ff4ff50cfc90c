"""Lexical search: BM25 of whole articles, with word statistics of each language apart.

The scores are computed when the index is built; all that is left for a query is one sparse product for the
whole batch. Articles score better than their chunks here, and statistics per language better than joint ones:
otherwise "the" would be a rare word, being absent from five languages in six.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kb_index.arrays import map_array
from kb_index.errors import REMEDY, DamagedIndexError
from kb_index.tokens import run_tokens, split_runs

TOKENS_FILE = "lexical/tokens.npy"
STARTS_FILE = "lexical/starts.npy"
DOCUMENTS_FILE = "lexical/documents.npy"
SCORES_FILE = "lexical/scores.npy"
MAX_CHARACTERS = 4_000
REMEMBERED_RUNS = 50_000
MAX_POSTINGS = 500_000
"""What `nearest` reads for one query: the rarest tokens first, which are those that tell documents apart."""


class TokenHashes(Protocol):
    """Looks up the hashes of the tokens of a run."""

    def __call__(self, run: str, /) -> tuple[int, ...]:
        """Returns them in order."""
        ...


@dataclass(frozen=True)
class LexicalIndex:
    """The BM25 score of every token in every document.

    Attributes:
        tokens: the hash of each token, sorted; its place is its row in the matrix.
        matrix: ``(tokens, documents) float32``.
    """

    tokens: NDArray[np.uint64]
    matrix: csr_matrix

    @property
    def count(self) -> int:
        """How many documents there are."""
        return int(self.matrix.shape[1])

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns ``(n, documents) float32``: BM25, 0 or more, higher is nearer.

        A token that a query repeats counts once; only the first `MAX_CHARACTERS` of a query are read.
        """
        rows = [self._token_rows(text) for text in texts]
        return np.asarray((self._queries(rows) @ self.matrix).toarray(), dtype=np.float32)

    def nearest(self, text: str, limit: int) -> NDArray[np.int64]:
        """Returns up to `limit` documents with the highest scores, in no order; none scores 0.

        Where the tokens of `text` stand more than `MAX_POSTINGS` times in the index, the most common ones
        are left out of account.
        """
        rows = self._token_rows(text)
        starts = self.matrix.indptr
        sizes = (starts[rows + 1] - starts[rows]).astype(np.int64)
        order = np.argsort(sizes, kind="stable")
        rarest = rows[order[np.cumsum(sizes[order]) <= MAX_POSTINGS]]
        found = self._queries([np.sort(rarest)]) @ self.matrix
        if found.nnz <= limit:
            return np.asarray(found.indices, dtype=np.int64)
        best = np.argpartition(-found.data, limit - 1)[:limit]
        return np.asarray(found.indices[best], dtype=np.int64)

    def scores_of(self, text: str, documents: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns ``(len(documents),) float32``: what `scores` gives for these documents."""
        total = np.zeros(len(documents), dtype=np.float32)
        starts, found, scores = self.matrix.indptr, self.matrix.indices, self.matrix.data
        wanted = documents.astype(found.dtype)  # of another type, searchsorted would copy all postings
        for row in self._token_rows(text):
            postings = found[starts[row] : starts[row + 1]]
            places = np.minimum(np.searchsorted(postings, wanted), len(postings) - 1)
            total += np.where(postings[places] == wanted, scores[starts[row] + places], 0)
        return total

    @classmethod
    def load(cls, folder: Path, documents: int) -> LexicalIndex:
        """Returns the index of `documents` documents saved under `folder`, memory-mapped.

        Raises:
            DamagedIndexError: a file cannot be read, or the files do not belong together.
        """
        names = (TOKENS_FILE, SCORES_FILE, DOCUMENTS_FILE, STARTS_FILE)
        tokens, *parts = (map_array(folder / name) for name in names)
        try:
            matrix = csr_matrix(tuple(parts), shape=(len(tokens), documents), copy=False)
        except ValueError as error:
            raise DamagedIndexError(
                f"the lexical index in {folder} cannot be read: {error}; {REMEDY}"
            ) from error
        return cls(tokens, matrix)

    def _queries(self, rows: Sequence[NDArray[np.int64]]) -> csr_matrix:
        flat = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        starts = np.cumsum([0, *map(len, rows)])
        ones = np.ones(len(flat), dtype=np.float32)
        return csr_matrix((ones, flat, starts), shape=(len(rows), self.matrix.shape[0]))

    def _token_rows(self, text: str) -> NDArray[np.int64]:
        """Returns the matrix rows of the known tokens of `text`, sorted, each once."""
        found: set[int] = set()
        for run in set(split_runs(text[:MAX_CHARACTERS])):
            found.update(self._run_rows(run))
        return np.array(sorted(found), dtype=np.int64)

    @cached_property
    def _run_rows(self) -> TokenHashes:
        """Looks up one run; customers use the same few thousand words, so most are remembered."""
        tokens = self.tokens

        @lru_cache(maxsize=REMEMBERED_RUNS)
        def look_up(run: str, /) -> tuple[int, ...]:
            hashes = np.array([hash_token(token) for token in run_tokens(run)], dtype=np.uint64)
            rows = np.searchsorted(tokens, hashes)
            known = rows < len(tokens)
            known[known] = tokens[rows[known]] == hashes[known]
            return tuple(rows[known].tolist())

        return look_up


def hash_token(token: str) -> int:
    """Returns 64 bits that stand for `token`, so that a vocabulary is an array that processes can share."""
    return int.from_bytes(blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")

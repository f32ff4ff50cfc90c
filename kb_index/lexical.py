"""Lexical search: BM25 of whole articles, with word statistics of each language apart.

bm25s computes the scores when the index is built; all that is left for a query is one sparse product for the
whole batch. Articles score better than their chunks here, and statistics per language better than joint ones:
otherwise "the" would be a rare word, being absent from five languages in six.
"""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix, load_npz, save_npz

from kb_index.errors import DamagedIndexError
from kb_index.tokens import run_tokens, split_runs, tokenize

MATRIX_FILE = "lexical/scores.npz"
VOCABULARY_FILE = "lexical/vocabulary.json"
MAX_CHARACTERS = 4_000
REMEMBERED_RUNS = 50_000
K1 = 1.5
B = 0.75


@dataclass(frozen=True)
class LexicalIndex:
    """The BM25 score of every token in every document.

    Attributes:
        vocabulary: the matrix row of each token.
        matrix: ``(tokens, documents) float32``.
    """

    vocabulary: Mapping[str, int]
    matrix: csr_matrix

    @property
    def count(self) -> int:
        """How many documents there are."""
        return int(self.matrix.shape[1])

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str]) -> LexicalIndex:
        """Returns the index of documents `texts`, each scored against those of its language."""
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(token, len(vocabulary)) for token in tokenize(text)] for text in texts]
        parts = [coo_matrix((len(texts), len(vocabulary)), dtype=np.float32)]
        for language in sorted(set(languages)):
            rows = [row for row, found in enumerate(languages) if found == language and ids[row]]
            if rows:
                part = score_documents([ids[row] for row in rows], len(vocabulary)).tocoo()
                moved = np.asarray(rows)[part.row]
                parts.append(coo_matrix((part.data, (moved, part.col)), shape=parts[0].shape))
        return cls(vocabulary, csr_matrix(sum(parts[1:], parts[0]).T, dtype=np.float32))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns ``(n, documents) float32``: BM25, 0 or more, higher is nearer.

        A token that a query repeats counts once; only the first `MAX_CHARACTERS` of a query are read.
        """
        ids = [self._token_ids(text) for text in texts]
        starts = np.cumsum([0, *map(len, ids)])
        flat = np.fromiter(itertools.chain.from_iterable(ids), dtype=np.int32, count=int(starts[-1]))
        ones = np.ones(len(flat), dtype=np.float32)
        queries = csr_matrix((ones, flat, starts), shape=(len(texts), self.matrix.shape[0]))
        return np.asarray((queries @ self.matrix).toarray(), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Writes matrix and vocabulary under `folder`."""
        (folder / MATRIX_FILE).parent.mkdir(parents=True, exist_ok=True)
        save_npz(folder / MATRIX_FILE, self.matrix)
        tokens = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        (folder / VOCABULARY_FILE).write_text(json.dumps(tokens, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Returns the index saved under `folder`.

        Raises:
            DamagedIndexError: a file cannot be read.
        """
        try:
            tokens = json.loads((folder / VOCABULARY_FILE).read_text(encoding="utf-8"))
            with (folder / MATRIX_FILE).open("rb") as file:
                matrix = csr_matrix(load_npz(file))
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise DamagedIndexError(f"the lexical index in {folder} cannot be read: {error}") from error
        return cls({token: row for row, token in enumerate(tokens)}, matrix)

    def _token_ids(self, text: str) -> list[int]:
        """Returns the matrix rows of the known tokens of `text`, sorted, each once."""
        found: set[int] = set()
        for run in set(split_runs(text[:MAX_CHARACTERS])):
            found.update(self._run_ids(run))
        return sorted(found)

    @cached_property
    def _run_ids(self) -> Callable[[str], tuple[int, ...]]:
        """Looks up one run; customers use the same few thousand words, so most are remembered."""
        vocabulary = self.vocabulary

        @lru_cache(maxsize=REMEMBERED_RUNS)
        def look_up(run: str) -> tuple[int, ...]:
            return tuple(vocabulary[token] for token in run_tokens(run) if token in vocabulary)

        return look_up


def score_documents(ids: list[list[int]], vocabulary_size: int) -> csc_matrix:
    """Returns ``(documents, vocabulary_size) float32`` from bm25s (Lù 2024), method ``lucene``."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # the library switches itself to DEBUG
    model = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    vocabulary = {str(row): row for row in range(vocabulary_size)}
    model.index((ids, vocabulary), create_empty_token=False, show_progress=False)
    scores = model.scores
    return csc_matrix(
        (scores["data"], scores["indices"], scores["indptr"]), shape=(len(ids), vocabulary_size)
    )

"""Computing BM25 for a whole corpus in bounded memory: documents are counted part by part, on disk.

The method is BM25 as in Lucene (Kamphuis et al. 2020), computed ahead of the queries as in BM25S (Lù 2024);
the tests compare the numbers with those of the package ``bm25s``.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb_index.arrays import create_array, map_array, save_array
from kb_index.lexical import (
    DOCUMENTS_FILE,
    REMEMBERED_RUNS,
    SCORES_FILE,
    STARTS_FILE,
    TOKENS_FILE,
    hash_token,
)
from kb_index.tokens import run_tokens, split_runs

K1 = 1.5
B = 0.75
PART_DOCUMENTS = 4_096
PARTS_FOLDER = "lexical/parts"
LARGEST_INT32 = 2**31 - 1


class Counts(NamedTuple):
    """How often each token stands in each document of a part; sorted by token, then document.

    Attributes:
        tokens: ``(postings,) uint64`` hashes.
        documents: ``(postings,) int32``: places in the corpus.
        frequencies: ``(postings,) int32``, 1 or more.
    """

    tokens: NDArray[np.uint64]
    documents: NDArray[np.int32]
    frequencies: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs to know of the whole corpus.

    Attributes:
        tokens: ``(tokens,) uint64``, sorted.
        languages: ``(documents,)``: a number for the language of each.
        lengths: ``(documents,)`` in tokens.
        found_in: ``(languages, tokens)``: how many documents of a language hold a token.
    """

    tokens: NDArray[np.uint64]
    languages: NDArray[np.intp]
    lengths: NDArray[np.int64]
    found_in: NDArray[np.int32]

    def scores(self, counts: Counts, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Returns ``(postings,) float32``; `rows` are the places of the postings' tokens."""
        sizes = np.bincount(self.languages)
        mean = np.maximum(np.bincount(self.languages, self.lengths) / sizes, 1e-12)
        spoken = self.languages[counts.documents]
        held = self.found_in[spoken, rows]
        rarity = np.log(1 + (sizes[spoken] - held + 0.5) / (held + 0.5))
        relative = self.lengths[counts.documents] / mean[spoken]
        frequency = counts.frequencies
        return np.asarray(rarity * frequency / (frequency + K1 * (1 - B + B * relative)), dtype=np.float32)


def write_lexical(
    texts: Iterable[str], languages: NDArray[np.bytes_], folder: Path, advance: Callable[[int], None]
) -> None:
    """Writes the files of a `LexicalIndex` under `folder`.

    Args:
        texts: of the documents.
        languages: ``(documents,)``; each document is scored against those of its language.
        folder: of the version.
        advance: told how many more documents were read.
    """
    parts_folder = folder / PARTS_FOLDER
    parts_folder.mkdir(parents=True)
    lengths = np.zeros(len(languages), dtype=np.int64)
    parts = []
    for number, counts in enumerate(_count(texts, lengths, advance)):
        parts.append(parts_folder / f"{number:06d}")
        for name, column in counts._asdict().items():
            save_array(parts[-1] / f"{name}.npy", column)
    _, codes = np.unique(languages, return_inverse=True)
    statistics = _gather(parts, codes, lengths)
    _write_scores(parts, statistics, folder)
    shutil.rmtree(parts_folder)


def _count(
    texts: Iterable[str], lengths: NDArray[np.int64], advance: Callable[[int], None]
) -> Iterator[Counts]:
    hashes = _token_hashes()
    remaining, first = iter(texts), 0
    while batch := list(itertools.islice(remaining, PART_DOCUMENTS)):
        found = [_hash_text(text, hashes) for text in batch]
        unique = [np.unique(tokens, return_counts=True) for tokens in found]
        sizes = [len(tokens) for tokens, _ in unique]
        lengths[first : first + len(batch)] = [len(tokens) for tokens in found]
        tokens = np.concatenate([tokens for tokens, _ in unique])
        order = np.argsort(tokens, kind="stable")
        documents = np.repeat(np.arange(first, first + len(batch), dtype=np.int32), sizes)
        counts = np.concatenate([count for _, count in unique]).astype(np.int32)
        yield Counts(tokens[order], documents[order], counts[order])
        first += len(batch)
        advance(len(batch))


def _gather(parts: list[Path], languages: NDArray[np.intp], lengths: NDArray[np.int64]) -> Statistics:
    tokens = np.zeros(0, dtype=np.uint64)
    for part in parts:
        tokens = np.union1d(tokens, map_array(part / "tokens.npy"))
    found_in = np.zeros((int(languages.max()) + 1, len(tokens)), dtype=np.int32)
    for counts in map(_read, parts):
        np.add.at(found_in, (languages[counts.documents], np.searchsorted(tokens, counts.tokens)), 1)
    return Statistics(tokens, languages, lengths, found_in)


def _write_scores(parts: list[Path], statistics: Statistics, folder: Path) -> None:
    """Puts the postings of each part behind those of the parts before it, token by token."""
    starts = np.concatenate([[0], np.cumsum(statistics.found_in.sum(axis=0, dtype=np.int64))])
    size = int(starts[-1])
    save_array(folder / TOKENS_FILE, statistics.tokens)
    save_array(folder / STARTS_FILE, starts.astype(np.int32 if size <= LARGEST_INT32 else np.int64))
    documents = create_array(folder / DOCUMENTS_FILE, (size,), "int32" if size <= LARGEST_INT32 else "int64")
    scores = create_array(folder / SCORES_FILE, (size,), "float32")
    filled = starts[:-1].copy()
    for counts in map(_read, parts):
        rows = np.searchsorted(statistics.tokens, counts.tokens)
        sizes = np.bincount(rows, minlength=len(filled))
        firsts = np.cumsum(sizes) - sizes
        places = np.arange(len(rows)) + (filled - firsts)[rows]
        documents[places] = counts.documents
        scores[places] = statistics.scores(counts, rows)
        filled += sizes


def _read(part: Path) -> Counts:
    return Counts(*(map_array(part / f"{name}.npy") for name in Counts._fields))


def _hash_text(text: str, hashes: Callable[[str], NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate([np.zeros(0, dtype=np.uint64), *map(hashes, split_runs(text))])


def _token_hashes() -> Callable[[str], NDArray[np.uint64]]:
    """Returns a function that hashes the tokens of a run; a corpus repeats most of its words."""

    @lru_cache(maxsize=REMEMBERED_RUNS)
    def look_up(run: str) -> NDArray[np.uint64]:
        return np.array([hash_token(token) for token in run_tokens(run)], dtype=np.uint64)

    return look_up

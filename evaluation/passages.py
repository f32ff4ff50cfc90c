"""A search over plain passages: dense by their sentences, lexical by BM25, and both joined."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb_index.fusion import LEARNT, FusionModel, fit_sharpness
from kb_index.lexical import LexicalIndex
from kb_index.lexical_build import write_lexical
from kb_index.passages import embed_passages
from models.encoder import Encoder, TextKind

READ_CHARACTERS = 20_000
LONGEST_SENTENCE = 1_000
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|(?<=[a-zß-ÿ0-9)\]][.!?])(?=[A-ZÀ-ÞÄÖÜ¿¡])|\n")
"""The third way: paragraphs copied from the web lose the space after a full stop."""
WHOLE_SHARE = np.float32(0.5)
"""What the whole passage's vector, or its BM25 by sentence, weighs beside the first score; chosen on dev sets."""
BLOCK_SCORES = 1 << 24
PSEUDO_QUERIES = 400
FEWEST_PSEUDO_QUERIES = 20
SHORTEST_PSEUDO_QUERY = 10
TYPICAL_SHARPNESS = 2.0


@dataclass(frozen=True)
class PassageScores:
    """Scores of a batch of queries, each ``(n, passages) float32``, higher is nearer.

    Attributes:
        dense: cosine with the best sentence and, with half the weight, with the whole passage.
        lexical: BM25 of the passage and, with half the weight, of its best sentence; 0 where no word is shared.
        fused: both joined.
    """

    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]
    fused: NDArray[np.float32]


@dataclass(frozen=True)
class PassageSearch:
    """Passages ready to be searched.

    Attributes:
        starts: ``(passages,)``: where the sentences of each passage start.
        sentences: ``(sentences, dim)`` vectors; `wholes` ``(passages, dim)``.
        sharpness: see `kb_index.fusion`.
    """

    encoder: Encoder
    starts: NDArray[np.int64]
    sentences: NDArray[np.float32]
    wholes: NDArray[np.float32]
    passage_words: LexicalIndex
    sentence_words: LexicalIndex
    sharpness: float
    fusion: FusionModel = LEARNT

    def search(self, queries: Sequence[str]) -> Iterator[PassageScores]:
        """Yields the scores of one block of queries after the other, in bounded memory."""
        size = max(1, BLOCK_SCORES // max(1, len(self.sentences)))
        for start in range(0, len(queries), size):
            yield self._score(queries[start : start + size])

    def _score(self, queries: Sequence[str]) -> PassageScores:
        vectors = self.encoder.encode(queries, TextKind.QUERY)
        by_sentence = self._best(vectors @ self.sentences.T)
        whole = np.asarray(vectors @ self.wholes.T, dtype=np.float32)
        dense = np.asarray((by_sentence + WHOLE_SHARE * whole) / (1 + WHOLE_SHARE), dtype=np.float32)
        words = self._best(self.sentence_words.scores(queries))
        lexical = self.passage_words.scores(queries) + WHOLE_SHARE * words
        return PassageScores(dense, lexical, self.fusion.fuse(dense, lexical, self.sharpness))

    def _best(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        return best_of(scores, self.starts)


@contextmanager
def open_passages(texts: Sequence[str], encoder: Encoder, seed: int = 13) -> Iterator[PassageSearch]:
    """Yields a search over `texts`; only their first 20,000 characters are read.

    Args:
        texts: one or more passages.
        encoder: reads passages, and queries later.
        seed: of the sentences that show how sharp the encoder is.
    """
    read = [text[:READ_CHARACTERS] for text in texts]
    split = [split_sentences(text) for text in read]
    starts = np.cumsum([0, *map(len, split)])[:-1].astype(np.int64)
    flat = [sentence for sentences in split for sentence in sentences]
    sentences, wholes = embed_passages(flat, encoder), embed_passages(read, encoder)
    sharpness = _measure_sharpness(flat, sentences, starts, seed)
    with tempfile.TemporaryDirectory(prefix="firstline-passages-") as folder:
        passage_words = _write_words(read, Path(folder) / "passages")
        sentence_words = _write_words(flat, Path(folder) / "sentences")
        yield PassageSearch(encoder, starts, sentences, wholes, passage_words, sentence_words, sharpness)


def split_sentences(text: str) -> list[str]:
    """Returns the sentences of `text`, none longer than 1,000 characters; the text itself where there is none."""
    found = [sentence.strip() for sentence in SENTENCE_END.split(text) if sentence.strip()]
    cut = [
        sentence[start : start + LONGEST_SENTENCE]
        for sentence in found
        for start in range(0, len(sentence), LONGEST_SENTENCE)
    ]
    return cut or [text]


def best_of(scores: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Returns ``(n, passages)``: the highest of ``(n, sentences)`` in each passage."""
    return np.asarray(np.maximum.reduceat(scores, starts, axis=1), dtype=np.float32)


def _measure_sharpness(
    sentences: Sequence[str], vectors: NDArray[np.float32], starts: NDArray[np.int64], seed: int
) -> float:
    """Returns how sharply the encoder finds a sentence's passage by the passage's other sentences."""
    sizes = np.diff(starts, append=len(sentences))
    owners = np.repeat(np.arange(len(starts)), sizes)
    long_enough = np.array([len(sentence) >= SHORTEST_PSEUDO_QUERY for sentence in sentences])
    able = np.flatnonzero((sizes[owners] > 1) & long_enough)
    chosen = np.random.default_rng(seed).permutation(able)[:PSEUDO_QUERIES]
    if len(chosen) < FEWEST_PSEUDO_QUERIES:
        return TYPICAL_SHARPNESS
    scores = np.empty((len(chosen), len(starts)), dtype=np.float32)
    for place, row in enumerate(chosen):
        cosines = (vectors @ vectors[row])[None, :]
        cosines[0, row] = -1
        scores[place] = best_of(cosines, starts)[0]
    return fit_sharpness(scores, owners[chosen])


def _write_words(texts: Sequence[str], folder: Path) -> LexicalIndex:
    one_language = np.zeros(len(texts), dtype="S1")
    write_lexical(texts, one_language, folder, lambda _: None)
    return LexicalIndex.load(folder, len(texts))

"""Bitext retrieval: is the nearest sentence of the other language the translation? (Artetxe and Schwenk 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.bitext import SentencePair
from models.encoder import Encoder

BLOCK_SCORES = 1 << 24
"""How many similarities are held at a time: 64 MB of float32."""


@dataclass(frozen=True)
class BitextResult:
    """Which pairs were found.

    Attributes:
        pairs: in their order; the arrays have one entry each.
        en_to_x: whether the nearest of all texts in the pair's language translates its English side.
        x_to_en: the other way round.
        found: the text nearest to the English side.
    """

    pairs: Sequence[SentencePair]
    en_to_x: NDArray[np.bool_]
    x_to_en: NDArray[np.bool_]
    found: Sequence[str]

    def rows_by_language(self) -> dict[str, NDArray[np.intp]]:
        """Returns the row numbers of each language; one group ``""`` where none is named."""
        languages = np.array([pair.language for pair in self.pairs])
        return {str(name): np.flatnonzero(languages == name) for name in sorted(set(languages.tolist()))}

    def figures(self) -> dict[str, object]:
        """Returns the accuracies, overall and, where languages are named, by language."""
        overall: dict[str, object] = {**self._accuracies(np.arange(len(self.pairs)))}
        groups = self.rows_by_language()
        if set(groups) != {""}:
            overall["by_language"] = {name or "und": self._accuracies(rows) for name, rows in groups.items()}
        return {**overall, "pairs": len(self.pairs)}

    def _accuracies(self, rows: NDArray[np.intp]) -> dict[str, float]:
        return {
            "accuracy_en_to_x": float(self.en_to_x[rows].mean()),
            "accuracy_x_to_en": float(self.x_to_en[rows].mean()),
        }


def measure_bitext(pairs: Sequence[SentencePair], encoder: Encoder) -> BitextResult:
    """Returns what the encoder finds, searching each language by itself.

    A sentence that stands in several pairs is found with the other side of any of them: two equal texts cannot be
    told apart, and both translations of one sentence are right.
    """
    forward = np.zeros(len(pairs), dtype=bool)
    backward = np.zeros(len(pairs), dtype=bool)
    found = [""] * len(pairs)
    empty = BitextResult(pairs, forward, backward, found)
    for rows in empty.rows_by_language().values():
        english = _Side.of([pairs[row].english for row in rows], encoder)
        other = _Side.of([pairs[row].text for row in rows], encoder)
        truth = set(zip(english.ids.tolist(), other.ids.tolist(), strict=True))
        there, back = nearest(english.vectors, other.vectors), nearest(other.vectors, english.vectors)
        for row, left, right in zip(rows.tolist(), english.ids.tolist(), other.ids.tolist(), strict=True):
            forward[row] = (left, int(there[left])) in truth
            backward[row] = (int(back[right]), right) in truth
            found[row] = other.texts[there[left]]
    return empty


def nearest(queries: NDArray[np.float32], candidates: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns for each of ``(n, dim)`` unit rows the row of ``(m, dim)`` with the highest cosine, in bounded memory."""
    block = max(1, BLOCK_SCORES // len(candidates))
    parts = [
        (queries[start : start + block] @ candidates.T).argmax(axis=1)
        for start in range(0, len(queries), block)
    ]
    return np.concatenate(parts)


@dataclass(frozen=True)
class _Side:
    """The different sentences of one side: `ids` says which of them each row has."""

    texts: Sequence[str]
    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, sentences: Sequence[str], encoder: Encoder) -> _Side:
        number: Mapping[str, int] = {text: place for place, text in enumerate(dict.fromkeys(sentences))}
        ids = np.array([number[text] for text in sentences], dtype=np.int64)
        return cls(list(number), ids, encoder.encode(list(number)))

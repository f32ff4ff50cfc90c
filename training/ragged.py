"""Rows of token ids of different length in one array, so that batches are cut without a loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ragged:
    """Token ids of many texts.

    Attributes:
        flat: ids of all texts, one text after the other.
        lengths: number of ids of each text.
    """

    flat: NDArray[np.int32]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each text begins."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, rows: NDArray[np.intp], starts: NDArray[np.int64] | None = None) -> Ragged:
        """Returns some of the texts; `starts` spares adding them up again for every batch."""
        begin = (self.starts if starts is None else starts)[rows]
        lengths = self.lengths[rows]
        within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return Ragged(self.flat[np.repeat(begin, lengths) + within], lengths)

    def thin(self, share: float, random: np.random.Generator) -> Ragged:
        """Returns the texts with a `share` of the ids left out; each keeps its first, short ones all."""
        kept = random.random(len(self.flat)) >= share
        kept[self.starts[self.lengths > 0]] = True
        kept |= np.repeat(self.lengths < 3, self.lengths)
        text = np.repeat(np.arange(len(self)), self.lengths)
        return Ragged(self.flat[kept], np.bincount(text[kept], minlength=len(self)))

    def texts(self) -> list[NDArray[np.int32]]:
        """Returns one array a text."""
        return np.split(self.flat, self.starts[1:])


def ragged(rows: Sequence[Sequence[int]] | Sequence[NDArray[np.int32]]) -> Ragged:
    """Returns `rows` joined."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    flat: Iterable[int] = chain.from_iterable(rows)
    return Ragged(np.fromiter(flat, dtype=np.int32, count=int(lengths.sum())), lengths)


def join(parts: Sequence[Ragged]) -> Ragged:
    """Returns the texts of all `parts`."""
    return Ragged(
        np.concatenate([part.flat for part in parts]), np.concatenate([part.lengths for part in parts])
    )

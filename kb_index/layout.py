"""Where chunks, article versions and articles stand in the arrays of a search."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from kb_index.arrays import map_array, save_array

ABSENT = -1
CHUNK_STARTS_FILE = "layout/chunk_starts.npy"
VERSION_STARTS_FILE = "layout/version_starts.npy"
LANGUAGES_FILE = "layout/languages.npy"
CODE_TYPE = "S8"


@dataclass(frozen=True)
class Layout:
    """Three levels, each sorted by the one above: article (id), version (id and language), chunk.

    Attributes:
        chunk_starts: ``(versions + 1,)``: where the chunks of each version start, and the end.
        version_starts: ``(articles + 1,)``: likewise the versions of an article.
        languages: ``(versions,)``: the language of each version, as ASCII bytes.
    """

    chunk_starts: NDArray[np.int64]
    version_starts: NDArray[np.int64]
    languages: NDArray[np.bytes_]

    @classmethod
    def load(cls, folder: Path) -> Layout:
        """Returns the layout saved in `folder`.

        Raises:
            DamagedIndexError: a file cannot be read.
        """
        names = (CHUNK_STARTS_FILE, VERSION_STARTS_FILE, LANGUAGES_FILE)
        return cls(*(map_array(folder / name) for name in names))

    @property
    def articles(self) -> int:
        """How many articles there are, whatever their languages."""
        return len(self.version_starts) - 1

    def best_of_chunks(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n, versions)``: the highest of ``(n, chunks)`` in each version."""
        return np.asarray(np.maximum.reduceat(scores, self.chunk_starts[:-1], axis=1))

    def best_of_versions(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n, articles)``: the highest of ``(n, versions)`` in each article."""
        return np.asarray(np.maximum.reduceat(scores, self.version_starts[:-1], axis=1))

    def versions_for(self, languages: Sequence[str]) -> NDArray[np.int64]:
        """Returns ``(n, articles)``: each article's version in each customer's language, or `ABSENT`."""
        table, column = self._version_table
        columns = [column.get(language.encode(), len(column)) for language in languages]
        return np.asarray(table[:, columns].T)

    def articles_of_chunks(self, chunks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the article of each chunk."""
        return self.articles_of_versions(np.searchsorted(self.chunk_starts, chunks, side="right") - 1)

    def articles_of_versions(self, versions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the article of each version."""
        return np.asarray(np.searchsorted(self.version_starts, versions, side="right") - 1)

    def take(self, articles: NDArray[np.int64]) -> Part:
        """Returns some of the articles, given sorted, as a layout of its own."""
        version_starts, versions = _join_ranges(self.version_starts, articles)
        chunk_starts, chunks = _join_ranges(self.chunk_starts, versions)
        layout = Layout(chunk_starts, version_starts, self.languages[versions])
        return Part(layout, articles, versions, chunks)

    @cached_property
    def _version_table(self) -> tuple[NDArray[np.int64], dict[bytes, int]]:
        """The version of each article by the column of a language; the last column is for all others."""
        found, codes = np.unique(self.languages, return_inverse=True)
        table = np.full((self.articles, len(found) + 1), ABSENT, dtype=np.int64)
        rows = np.repeat(np.arange(self.articles), np.diff(self.version_starts))
        table[rows, codes] = np.arange(len(codes))
        return table, {code: column for column, code in enumerate(found.tolist())}


@dataclass(frozen=True, slots=True)
class Part:
    """Some articles of a layout.

    Attributes:
        layout: of these alone.
        articles: which they are in the whole; `versions` and `chunks` likewise.
    """

    layout: Layout
    articles: NDArray[np.int64]
    versions: NDArray[np.int64]
    chunks: NDArray[np.int64]


@dataclass
class GrowingLayout:
    """A layout of which the articles come one by one."""

    _chunk_starts: array[int] = field(default_factory=lambda: array("q", [0]))
    _version_starts: array[int] = field(default_factory=lambda: array("q"))
    _languages: bytearray = field(default_factory=bytearray)
    _last_id: str | None = None

    def add(self, article: Article, chunks: int) -> None:
        """Adds the next article, which is cut into `chunks` pieces."""
        if article.id != self._last_id:
            self._version_starts.append(len(self._chunk_starts) - 1)
            self._last_id = article.id
        self._chunk_starts.append(self._chunk_starts[-1] + chunks)
        code = article.language.encode("ascii", "replace")[: np.dtype(CODE_TYPE).itemsize]
        self._languages += code.ljust(np.dtype(CODE_TYPE).itemsize, b"\0")

    def save(self, folder: Path) -> None:
        """Writes the files of a `Layout` to `folder`."""
        ends = [*self._version_starts, len(self._chunk_starts) - 1]
        save_array(folder / CHUNK_STARTS_FILE, np.array(self._chunk_starts, dtype=np.int64))
        save_array(folder / VERSION_STARTS_FILE, np.array(ends, dtype=np.int64))
        save_array(folder / LANGUAGES_FILE, np.frombuffer(bytes(self._languages), dtype=CODE_TYPE))


def _join_ranges(
    starts: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns where the chosen ranges start when joined, and what they hold."""
    firsts, sizes = starts[chosen], starts[chosen + 1] - starts[chosen]
    joined = np.concatenate([[0], np.cumsum(sizes)])
    return joined, np.arange(joined[-1]) + np.repeat(firsts - joined[:-1], sizes)

"""Where chunks, article versions and articles stand in the arrays of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb_index.contents import Contents

ABSENT = -1


@dataclass(frozen=True)
class Layout:
    """Three levels, each sorted by the one above: article (id), version (id and language), chunk.

    Attributes:
        chunk_starts: ``(versions + 1,)``: where the chunks of each version start, and the end.
        version_starts: ``(articles + 1,)``: likewise the versions of an article.
        languages: the column of each language in `version_of`; the last one is for all others.
        version_of: ``(articles, languages + 1)``: the version in a language, or `ABSENT`.
    """

    chunk_starts: NDArray[np.int64]
    version_starts: NDArray[np.int64]
    languages: Mapping[str, int]
    version_of: NDArray[np.int64]

    @classmethod
    def from_contents(cls, contents: Contents) -> Layout:
        """Returns the layout of `contents`."""
        count = len(contents.articles)
        ids = [article.id for article in contents.articles]
        version_starts = np.array([*(v for v in range(count) if not v or ids[v] != ids[v - 1]), count])
        found = sorted({article.language for article in contents.articles})
        languages = {language: column for column, language in enumerate(found)}
        version_of = np.full((len(version_starts) - 1, len(languages) + 1), ABSENT, dtype=np.int64)
        rows = np.repeat(np.arange(len(version_of)), np.diff(version_starts))
        columns = [languages[article.language] for article in contents.articles]
        version_of[rows, columns] = np.arange(count)
        chunk_starts = np.searchsorted(contents.owners, np.arange(count + 1))
        return cls(chunk_starts, version_starts, languages, version_of)

    def best_of_chunks(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n, versions)``: the highest of ``(n, chunks)`` in each version."""
        return np.asarray(np.maximum.reduceat(scores, self.chunk_starts[:-1], axis=1))

    def best_of_versions(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n, articles)``: the highest of ``(n, versions)`` in each article."""
        return np.asarray(np.maximum.reduceat(scores, self.version_starts[:-1], axis=1))

    def versions_for(self, languages: Sequence[str]) -> NDArray[np.int64]:
        """Returns ``(n, articles)``: each article's version in each customer's language, or `ABSENT`."""
        unknown = len(self.languages)
        columns = [self.languages.get(language, unknown) for language in languages]
        return np.asarray(self.version_of[:, columns].T)

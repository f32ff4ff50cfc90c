"""What the desk needs of the models and of the knowledge index.

`models.bundle.Bundle` is a `Models`, `kb_index.search.KnowledgeIndex` a `Knowledge`, and its holder a
`KnowledgeSource`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from models.reading import Reading
from models.resolution import Candidate, Verdict


class Models(Protocol):
    """Reads tickets, and says how likely an article resolves them."""

    @property
    def version(self) -> str:
        """What the events of a ticket record."""
        ...

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Sequence[Reading]:
        """Returns one reading a text; a given language is believed."""
        ...

    def suggest(self, readings: Sequence[Reading]) -> Sequence[Sequence[str]]:
        """Returns for each ticket the articles that a search should not leave out."""
        ...

    def judge(
        self,
        readings: Sequence[Reading],
        candidates: Sequence[Sequence[Candidate]],
        lengths: Sequence[int],
    ) -> Sequence[Verdict]:
        """Returns the best article of each ticket; `lengths` are the characters of the texts."""
        ...


class Hit(Protocol):
    """One article that a search found; see `kb_index.search.Hit` for the scores."""

    @property
    def article_id(self) -> str: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def category(self) -> str: ...  # noqa: D102
    @property
    def score(self) -> float: ...  # noqa: D102
    @property
    def dense(self) -> float: ...  # noqa: D102
    @property
    def lexical(self) -> float: ...  # noqa: D102
    @property
    def preferred_language(self) -> bool: ...  # noqa: D102


class Knowledge(Protocol):
    """One version of the knowledge index."""

    @property
    def version(self) -> str:
        """What the events of a ticket record."""
        ...

    @property
    def articles(self) -> Mapping[tuple[str, str], Article]:
        """Every article by id and language."""
        ...

    def search(
        self,
        embeddings: NDArray[np.float32],
        texts: Sequence[str],
        languages: Sequence[str],
        limit: int = 5,
        wanted: Sequence[Sequence[str]] = (),
    ) -> Sequence[Sequence[Any]]:
        """Returns for each text at most `limit` `Hit`, best first, one an article."""
        ...


class KnowledgeSource(Protocol):
    """Gives the newest version of the index; what it gave before stays usable."""

    def current(self) -> Knowledge:
        """Returns the version to use for the next batch."""
        ...

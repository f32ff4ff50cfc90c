"""The success rates of articles as the desk sees them: a snapshot of the database, renewed while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from serving.observability.logs import get_log
from serving.storage import StandingRow

EVERY_S = 3.0


class Standings(Protocol):
    """Knows how articles have done."""

    def all(self) -> Sequence[StandingRow]:
        """Returns the standing of every article version that was ever rated."""
        ...


class LiveStandings(Mapping[tuple[str, str], float]):
    """The success rate by article id and language.

    Lookups never wait for the database; `refresh` swaps the whole snapshot. Every worker has one, so what one
    of them learns counts in all within seconds.

    Attributes:
        failures: how often the database could not be read; the last snapshot stays.
    """

    def __init__(self, source: Standings, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._rates = self._read()
        self._next = clock() + EVERY_S
        self.failures = 0

    def __getitem__(self, article: tuple[str, str]) -> float:
        return self._rates[article]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rates)

    def __len__(self) -> int:
        return len(self._rates)

    def refresh(self) -> None:
        """Reads the database again if the snapshot is older than `EVERY_S`."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + EVERY_S
        try:
            self._rates = self._read()
        except Exception:  # counted; the next refresh may succeed
            self.failures += 1
            get_log("satisfaction").exception("standings_not_read")

    def _read(self) -> dict[tuple[str, str], float]:
        return {(row.article_id, row.language): row.rate for row in self._source.all()}

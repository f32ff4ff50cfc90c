"""Ticket ids, ``TKT-<UTC yyyymmddHHMMSS>-<6 hex>``."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

NUMBERS = 1 << 24


class RandomIds:
    """Gives ticket ids that no other of the `partitions` workers of this desk gives.

    Six random hexadecimal digits alone collide about once in two minutes at 500 tickets a second; so
    numbers are not repeated within a second, and worker `partition` only takes those of its own residue.
    """

    def __init__(self, partition: int = 0, partitions: int = 1) -> None:
        if not 0 <= partition < partitions:
            raise ValueError(f"partition {partition} is not one of 0 to {partitions - 1}")
        self._partition = partition
        self._partitions = partitions
        self._second = ""
        self._taken: set[int] = set()

    def ticket_id(self, now: datetime) -> str:
        """Returns an id for a ticket that came in at `now`."""
        second = f"{now.astimezone(UTC):%Y%m%d%H%M%S}"
        if second != self._second:
            self._second, self._taken = second, set()
        number = self._draw()
        while number in self._taken:
            number = self._draw()
        self._taken.add(number)
        return f"TKT-{second}-{number:06x}"

    def _draw(self) -> int:
        return secrets.randbelow(NUMBERS // self._partitions) * self._partitions + self._partition

"""What the desk needs from the world beside models and index (`serving.orchestrator.ports`)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Returns the time, aware, in UTC."""
        ...


class Ids(Protocol):
    """Gives ids that were never given before."""

    def ticket_id(self, now: datetime) -> str:
        """Returns an id for a ticket that came in at `now`."""
        ...

"""What was promised to a customer, and whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """The promise for one channel and priority.

    Attributes:
        first_response_minutes: 0 means at once.
        escalate_after_hours: when an unresolved ticket goes one level up.
    """

    first_response_minutes: float
    resolution_hours: float
    escalate_after_hours: float


@dataclass(frozen=True, slots=True)
class SlaClock:
    """The deadlines of one ticket, and when they were met. It stores no verdict: asking changes nothing."""

    started_at: datetime
    first_response_due: datetime
    resolution_due: datetime
    escalate_at: datetime
    first_responded_at: datetime | None = None
    resolved_at: datetime | None = None

    def first_response_breached(self, now: datetime) -> bool:
        """Returns whether the first response came, or is, too late."""
        return (self.first_responded_at or now) > self.first_response_due

    def resolution_breached(self, now: datetime) -> bool:
        """Returns whether the resolution came, or is, too late."""
        return (self.resolved_at or now) > self.resolution_due

    def breached(self, now: datetime) -> bool:
        """Returns whether any promise is broken."""
        return self.first_response_breached(now) or self.resolution_breached(now)

    def at_risk(self, now: datetime, within_hours: float) -> bool:
        """Returns whether the ticket is open and its resolution is due in less than `within_hours`."""
        if self.resolved_at is not None or self.resolution_breached(now):
            return False
        return self.resolution_due - now < timedelta(hours=within_hours)

    def must_escalate(self, now: datetime) -> bool:
        """Returns whether the ticket is open and waited long enough to go one level up."""
        return self.resolved_at is None and now >= self.escalate_at

"""Which status may follow which."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from serving.domain.ticket import Status, Ticket
from serving.errors import TransitionError

S = Status
TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    S.NEW: (S.ASSIGNED, S.IN_PROGRESS, S.PENDING_CUSTOMER, S.RESOLVED, S.CLOSED, S.ESCALATED),
    S.ASSIGNED: (S.IN_PROGRESS, S.PENDING_CUSTOMER, S.RESOLVED, S.CLOSED, S.ESCALATED),
    S.IN_PROGRESS: (S.ASSIGNED, S.PENDING_CUSTOMER, S.RESOLVED, S.CLOSED, S.ESCALATED),
    S.PENDING_CUSTOMER: (S.ASSIGNED, S.IN_PROGRESS, S.RESOLVED, S.CLOSED, S.ESCALATED),
    S.ESCALATED: (S.ASSIGNED, S.IN_PROGRESS, S.PENDING_CUSTOMER, S.RESOLVED, S.CLOSED),
    S.RESOLVED: (S.ASSIGNED, S.IN_PROGRESS, S.ESCALATED, S.CLOSED),
    S.CLOSED: (),
}
"""Resolved tickets may be reopened; closed ones are final. Staying the same is always allowed."""


def check_transition(current: Status, wanted: Status) -> None:
    """Passes if a ticket may go from `current` to `wanted`.

    Raises:
        TransitionError: it may not.
    """
    if wanted is not current and wanted not in TRANSITIONS[current]:
        raise TransitionError(current, wanted, TRANSITIONS[current])


def change_status(ticket: Ticket, wanted: Status, now: datetime, notes: str = "") -> Ticket:
    """Returns `ticket` with the status `wanted`; resolving and reopening move the SLA clock along.

    Raises:
        TransitionError: the change is not allowed.
    """
    check_transition(ticket.status, wanted)
    if wanted is ticket.status:
        return replace(ticket, updated_at=now, resolution_notes=notes or ticket.resolution_notes)
    resolved_at = _resolved_at(ticket, wanted, now)
    return replace(
        ticket,
        status=wanted,
        updated_at=now,
        resolved_at=resolved_at,
        resolution_notes=notes or ticket.resolution_notes,
        auto_resolved=ticket.auto_resolved and resolved_at is not None,
        sla=replace(
            ticket.sla, resolved_at=resolved_at, first_responded_at=_responded_at(ticket, wanted, now)
        ),
    )


def _resolved_at(ticket: Ticket, wanted: Status, now: datetime) -> datetime | None:
    if wanted in (Status.RESOLVED, Status.CLOSED):
        return ticket.resolved_at or now
    return None


def _responded_at(ticket: Ticket, wanted: Status, now: datetime) -> datetime | None:
    """Resolving and asking the customer back are answers; assigning and escalating are not."""
    answers = (Status.PENDING_CUSTOMER, Status.RESOLVED)
    return ticket.sla.first_responded_at or (now if wanted in answers else None)

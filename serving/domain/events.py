"""What happened to a ticket, in order, with who did it and with which models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened."""

    TICKET_CREATED = "ticket_created"
    MESSAGE_RECEIVED = "message_received"
    TICKET_READ = "ticket_read"
    AUTO_RESOLVED = "auto_resolved"
    ROUTED = "routed"
    ESCALATED = "escalated"
    STATUS_CHANGED = "status_changed"
    RATED = "rated"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a ticket's history.

    Attributes:
        actor: id of the agent, or of the person, that did it.
        detail: plain values, JSON-ready.
    """

    ticket_id: str
    kind: EventKind
    at: datetime
    actor: str
    model_version: str
    index_version: str
    detail: Mapping[str, object] = field(default_factory=dict)

"""A message on its way to becoming a ticket: as it came in, and as the desk accepted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data.schema import Channel, join_text
from serving.domain.ticket import Customer, Ticket


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a channel delivered it; nothing about it is trusted.

    Attributes:
        language: what the sender says it is written in, None to find out.
        source_id: the sender's own id of the message.
        prior: the ticket that this message continues, None for a new one.
    """

    customer: Customer
    channel: str
    message: str
    subject: str = ""
    language: str | None = None
    source_id: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    prior: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """An accepted message.

    Attributes:
        message: normalised, at most as long as the models read.
        original: as it came in, where that differs.
        received_at: when it came in; the ticket's life and its promises begin there.
    """

    customer: Customer
    channel: Channel
    subject: str
    message: str
    original: str | None
    language: str | None
    source_id: str | None
    metadata: Mapping[str, object]
    received_at: datetime
    prior: Ticket | None = None

    @property
    def text(self) -> str:
        """What the models read."""
        return join_text(self.subject, self.message)

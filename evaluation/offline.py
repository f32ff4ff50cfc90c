"""Runs tickets of a file through the desk's reading and deciding, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import DataError
from data.schema import Channel
from evaluation.ticket_file import FileTicket
from serving.domain.decision import Decision
from serving.domain.intake import Incoming, Intake
from serving.domain.ticket import Customer, Tier
from serving.errors import DeskError
from serving.orchestrator.desk import Desk
from serving.orchestrator.understanding import Understood

BATCH = 512


@dataclass(frozen=True, slots=True)
class Handled:
    """One ticket, what the models made of it, and what the desk would do."""

    ticket: FileTicket
    understood: Understood
    decision: Decision


def handle_tickets(desk: Desk, tickets: Sequence[FileTicket]) -> Iterator[Handled]:
    """Yields what the desk would do with each ticket, written by a customer of the standard tier.

    Raises:
        DataError: the desk does not take a ticket; the message has file and line.
    """
    for start in range(0, len(tickets), BATCH):
        batch = tickets[start : start + BATCH]
        understood = desk.understand([_accept(desk, ticket) for ticket in batch])
        for ticket, item in zip(batch, understood, strict=True):
            yield Handled(ticket, item, desk.decide(item))


def sample_tickets(tickets: Sequence[FileTicket], most: int, seed: int = 13) -> list[FileTicket]:
    """Returns all tickets, or `most` of them drawn at random, in the order of the file."""
    if len(tickets) <= most:
        return list(tickets)
    chosen = np.random.default_rng(seed).choice(len(tickets), most, replace=False)
    return [tickets[number] for number in sorted(chosen.tolist())]


def _accept(desk: Desk, ticket: FileTicket) -> Intake:
    customer = Customer(id="offline", tier=Tier.STANDARD)
    channel = str(ticket.channel or Channel.EMAIL)
    incoming = Incoming(customer, channel, ticket.message, ticket.subject, ticket.language)
    try:
        return desk.accept(incoming)
    except DeskError as error:
        raise DataError(f"{ticket.where}: {error}") from error

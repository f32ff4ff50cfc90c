"""The storage as the event loop sees it: new tickets through the group commit, everything else in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from serving.storage import (
    BatchCommitter,
    CommitPolicy,
    CorrectionRepository,
    CorrectionRow,
    CustomerRepository,
    Database,
    EventRow,
    GroupCommitWriter,
    Lesson,
    NewTicket,
    Page,
    RatingRow,
    ShadowRepository,
    StandingRepository,
    StoredTicket,
    TicketChanges,
    TicketQuery,
    TicketRepository,
    TicketRow,
    Written,
)
from serving.storage.records import JsonObject


class SqlTicketStore:
    """A `serving.front_office.Store` on a database."""

    def __init__(self, database: Database, policy: CommitPolicy) -> None:
        self._database = database
        self._writer = GroupCommitWriter(BatchCommitter(database), policy)
        self._tickets = TicketRepository(database)
        self._corrections = CorrectionRepository(database)
        self.customers = CustomerRepository(database)
        self.standings = StandingRepository(database)
        self.shadow = ShadowRepository(database)

    def start(self) -> None:
        """Begins to accept tickets."""
        self._writer.start()

    async def close(self) -> None:
        """Writes what waits, then closes the database."""
        await self._writer.aclose()
        self._database.close()

    async def write(self, bundle: NewTicket) -> Written:
        """Writes a new ticket with the others of its moment."""
        return await self._writer.write(bundle)

    async def get(self, ticket_id: str) -> StoredTicket:
        """Returns a ticket with its conversation."""
        return await asyncio.to_thread(self._tickets.get, ticket_id)

    async def explanation(self, ticket_id: str) -> JsonObject:
        """Returns why a ticket was handled as it was."""
        return await asyncio.to_thread(self._tickets.explanation, ticket_id)

    async def find(self, query: TicketQuery) -> Page:
        """Returns one page of tickets."""
        return await asyncio.to_thread(self._tickets.find, query)

    async def update(
        self, ticket_id: str, expected_version: int, changes: TicketChanges, events: Sequence[EventRow]
    ) -> TicketRow:
        """Changes a ticket."""
        return await asyncio.to_thread(self._tickets.update, ticket_id, expected_version, changes, events)

    async def correct(
        self,
        ticket_id: str,
        expected_version: int,
        changes: TicketChanges,
        event: EventRow,
        correction: CorrectionRow,
    ) -> TicketRow:
        """Stores a correction and changes its ticket."""
        return await asyncio.to_thread(
            self._tickets.correct, ticket_id, expected_version, changes, event, correction
        )

    async def corrections(self, ticket_id: str) -> Sequence[CorrectionRow]:
        """Returns the corrections of a ticket."""
        await asyncio.to_thread(self._tickets.get, ticket_id)
        return await asyncio.to_thread(self._corrections.of_ticket, ticket_id)

    async def rate(self, ticket_id: str, rating: RatingRow, event: EventRow, lesson: Lesson | None) -> None:
        """Stores a rating and what it teaches."""
        await asyncio.to_thread(self._tickets.rate, ticket_id, rating, event, lesson)

    def healthy(self) -> bool:
        """Returns whether the database answers."""
        return self._database.healthy()

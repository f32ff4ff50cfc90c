"""A batch of new tickets written so that each gets its own answer, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from serving.storage.database import Database
from serving.storage.errors import StorageError, StorageUnavailableError, TicketIdTakenError
from serving.storage.idempotency import Answer, known_answers, same_thing
from serving.storage.records import NewTicket, Outcome, Written, utc_now
from serving.storage.ticket_insert import insert_tickets, taken_ids

ATTEMPTS: Final = 3


class BatchCommitter:
    """Writes batches of new tickets, one transaction a batch."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def commit(self, bundles: Sequence[NewTicket]) -> list[Answer]:
        """Returns an answer or an error for each ticket, in order, after the commit.

        Tickets that repeat another one of the batch are written in a later transaction, where they find
        the first.
        """
        answers: dict[int, Answer] = {}
        waiting = list(enumerate(bundles))
        while waiting:
            now, later = _apart(waiting)
            written = self._commit_distinct([bundle for _, bundle in now])
            answers.update(zip((position for position, _ in now), written, strict=True))
            waiting = later
        return [answers[position] for position in range(len(bundles))]

    def _commit_distinct(self, bundles: list[NewTicket]) -> list[Answer]:
        """Tries the batch, once more in case another process wrote the same, then ticket by ticket."""
        try:
            return self._transaction(bundles, first=True)
        except StorageUnavailableError:
            pass
        except (SQLAlchemyError, ValueError, TypeError):
            if len(bundles) == 1:
                return [self._commit_alone(bundles[0])]
        try:
            return self._transaction(bundles, first=False)
        except StorageUnavailableError as error:
            return [error] * len(bundles)
        except (SQLAlchemyError, ValueError, TypeError):
            return [self._commit_alone(bundle) for bundle in bundles]

    def _commit_alone(self, bundle: NewTicket) -> Answer:
        failure: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                return self._transaction([bundle], first=False)[0]
            except StorageUnavailableError as error:
                return error
            except (SQLAlchemyError, ValueError, TypeError) as error:
                failure = error
        refusal = StorageError(f"ticket {bundle.ticket.id} cannot be stored: {_cause(failure)}")
        refusal.__cause__ = failure
        return refusal

    def _transaction(self, bundles: list[NewTicket], *, first: bool) -> list[Answer]:
        with self._database.write() as connection:
            answers = known_answers(connection, bundles, self._now())
            if not first:
                taken = taken_ids(connection, bundles)
                for position, bundle in enumerate(bundles):
                    if position not in answers and bundle.ticket.id in taken:
                        answers[position] = _own_or_taken(bundle, taken[bundle.ticket.id])
            insert_tickets(connection, [b for position, b in enumerate(bundles) if position not in answers])
        return [
            answers.get(position, Written(bundle.ticket.id, Outcome.CREATED))
            for position, bundle in enumerate(bundles)
        ]


def _own_or_taken(bundle: NewTicket, created_at: object) -> Answer:
    """A commit whose acknowledgement was lost left the ticket with our own time of creation."""
    if created_at == bundle.ticket.created_at:
        return Written(bundle.ticket.id, Outcome.CREATED)
    return TicketIdTakenError(bundle.ticket.id)


def _apart(
    waiting: Sequence[tuple[int, NewTicket]],
) -> tuple[list[tuple[int, NewTicket]], list[tuple[int, NewTicket]]]:
    """Returns those that share no key, and those that repeat one of them."""
    seen: set[tuple[str, ...]] = set()
    distinct: list[tuple[int, NewTicket]] = []
    repeated: list[tuple[int, NewTicket]] = []
    for item in waiting:
        keys = same_thing(item[1])
        (repeated if seen.intersection(keys) else distinct).append(item)
        seen.update(keys)
    return distinct, repeated


def _cause(error: Exception | None) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]

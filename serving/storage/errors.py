"""Errors of the storage.

::

    StorageError
    ├── StorageUnavailableError      the database cannot be reached or is locked; try again
    ├── QueueFullError               more is waiting to be written than allowed; try again
    ├── WriterStoppedError           the writer is shutting down
    ├── SchemaError                  the database belongs to another version of Firstline
    ├── IdempotencyConflictError     same Idempotency-Key, other request
    ├── TicketIdTakenError           another ticket has this id; take a new one
    ├── TicketNotFoundError
    ├── ConflictError                somebody else changed the ticket in between
    ├── FieldError                   a field that may not be written
    └── CursorError                  a page cursor that no answer of ours contained
"""

from data.errors import FirstlineError


class StorageError(FirstlineError):
    """The database refused something."""


class StorageUnavailableError(StorageError):
    """The database cannot be reached, or stayed locked; nothing was written, the caller may try again."""


class QueueFullError(StorageError):
    """More tickets wait to be written than the writer may hold.

    Attributes:
        retry_after_s: when to try again.
    """

    def __init__(self, waiting: int, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"{waiting} tickets are waiting to be written; try again in {retry_after_s:g} s")


class WriterStoppedError(StorageError):
    """The writer is not running; nothing was written."""


class SchemaError(StorageError):
    """The tables are not those of this version of Firstline."""


class IdempotencyConflictError(StorageError):
    """An Idempotency-Key came again with another request."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key!r} was used for another request; send a new key")


class TicketIdTakenError(StorageError):
    """Another ticket already has the id; the caller takes a new one and writes again."""

    def __init__(self, ticket_id: str) -> None:
        super().__init__(f"ticket id {ticket_id!r} is taken; take a new one and write again")


class TicketNotFoundError(StorageError):
    """No ticket has the id."""

    def __init__(self, ticket_id: str) -> None:
        super().__init__(f"no ticket has the id {ticket_id!r}")


class ConflictError(StorageError):
    """The ticket was changed after the caller read it."""

    def __init__(self, ticket_id: str, expected: int, found: int) -> None:
        super().__init__(
            f"ticket {ticket_id} is at version {found}, the change was made for version {expected}; "
            "read it again and repeat the change"
        )


class FieldError(StorageError):
    """A change names a field that may not be written."""


class CursorError(StorageError):
    """A page cursor cannot be read."""

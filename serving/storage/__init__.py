"""The desk's database: tables and migrations, the group commit, repositories, the outbox."""

from serving.storage.batch import BatchCommitter
from serving.storage.corrections import CorrectionRepository
from serving.storage.counts import count_desk
from serving.storage.customers import CustomerRepository
from serving.storage.database import Database, open_database
from serving.storage.errors import (
    ConflictError,
    CursorError,
    FieldError,
    IdempotencyConflictError,
    QueueFullError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
    TicketIdTakenError,
    TicketNotFoundError,
    WriterStoppedError,
)
from serving.storage.idempotency import find_reply, purge_keys
from serving.storage.outbox import OutboxRepository
from serving.storage.records import (
    ClaimedRow,
    CorrectedTicket,
    CorrectionRow,
    CustomerRow,
    DeskCounts,
    Direction,
    EventRow,
    IdempotencyRow,
    Lesson,
    MessageRow,
    NewTicket,
    OutboxRow,
    Outcome,
    Page,
    RatingRow,
    ShadowRow,
    StandingRow,
    StoredTicket,
    TicketChanges,
    TicketQuery,
    TicketRow,
    Written,
    utc_now,
)
from serving.storage.revisions import check_revision, current_revision, head_revision, upgrade
from serving.storage.shadow import ShadowRepository
from serving.storage.standings import StandingRepository
from serving.storage.tickets import TicketRepository
from serving.storage.unanswered import UnansweredTicket, read_unanswered
from serving.storage.writer import CommitPolicy, GroupCommitWriter

__all__ = [
    "BatchCommitter",
    "ClaimedRow",
    "CommitPolicy",
    "ConflictError",
    "CorrectedTicket",
    "CorrectionRepository",
    "CorrectionRow",
    "CursorError",
    "CustomerRepository",
    "CustomerRow",
    "Database",
    "DeskCounts",
    "Direction",
    "EventRow",
    "FieldError",
    "GroupCommitWriter",
    "IdempotencyConflictError",
    "IdempotencyRow",
    "Lesson",
    "MessageRow",
    "NewTicket",
    "OutboxRepository",
    "OutboxRow",
    "Outcome",
    "Page",
    "QueueFullError",
    "RatingRow",
    "SchemaError",
    "ShadowRepository",
    "ShadowRow",
    "StandingRepository",
    "StandingRow",
    "StorageError",
    "StorageUnavailableError",
    "StoredTicket",
    "TicketChanges",
    "TicketIdTakenError",
    "TicketNotFoundError",
    "TicketQuery",
    "TicketRepository",
    "TicketRow",
    "UnansweredTicket",
    "WriterStoppedError",
    "Written",
    "check_revision",
    "count_desk",
    "current_revision",
    "find_reply",
    "head_revision",
    "open_database",
    "purge_keys",
    "read_unanswered",
    "upgrade",
    "utc_now",
]

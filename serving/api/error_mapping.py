"""Which problem each of our exceptions is for a caller."""

from __future__ import annotations

from serving import batching, errors
from serving.api.problems import FieldError, Kind, ProblemError
from serving.storage import errors as storage

RETRY = {"Retry-After": "1"}
PLAIN: tuple[tuple[type[Exception], Kind], ...] = (
    (errors.TransitionError, Kind.FORBIDDEN_CHANGE),
    (storage.ConflictError, Kind.STALE_VERSION),
    (storage.TicketNotFoundError, Kind.UNKNOWN_TICKET),
    (storage.IdempotencyConflictError, Kind.IDEMPOTENCY_KEY_REUSED),
    (batching.QueueFullError, Kind.OVERLOADED),
    (storage.QueueFullError, Kind.OVERLOADED),
    (storage.StorageUnavailableError, Kind.NOT_READY),
    (storage.WriterStoppedError, Kind.NOT_READY),
)
UNAVAILABLE = "the database cannot be reached; try again in a second"


def problem_for(error: Exception) -> ProblemError:
    """Returns what a caller is told about `error`; of an unexpected one, nothing."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, errors.IntakeError | errors.CorrectionError):
        return _about_field(error.field, str(error))
    if isinstance(error, errors.RatingError):
        return _about_field("rating", str(error))
    if isinstance(error, storage.CursorError):
        return _about_field("cursor", str(error))
    for kind_of_error, kind in PLAIN:
        if isinstance(error, kind_of_error):
            detail = UNAVAILABLE if kind is Kind.NOT_READY else str(error)
            return ProblemError(kind, detail, headers=RETRY if kind.status == 503 else None)
    return ProblemError(Kind.INTERNAL_ERROR, "the error was recorded; nothing of it can be told here")


def _about_field(field: str, message: str) -> ProblemError:
    return ProblemError(Kind.INVALID_INPUT, f"{field}: {message}", [FieldError(field, message)])

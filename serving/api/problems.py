"""One shape for every error: RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:firstline:problem:"


class Kind(Enum):
    """What can go wrong, with its status and title; the name is the end of the problem's ``type``."""

    MALFORMED_JSON = (400, "The body is not JSON")
    UNKNOWN_PATH = (404, "No such path")
    UNKNOWN_TICKET = (404, "No such ticket")
    WRONG_METHOD = (405, "The path does not support this method")
    FORBIDDEN_CHANGE = (409, "The ticket does not allow this change")
    STALE_VERSION = (409, "The ticket has changed since it was read")
    BODY_TOO_LARGE = (413, "The body is too large")
    WRONG_MEDIA_TYPE = (415, "The body must be application/json")
    INVALID_INPUT = (422, "The input is not valid")
    IDEMPOTENCY_KEY_REUSED = (422, "The Idempotency-Key belongs to another request")
    INTERNAL_ERROR = (500, "Something went wrong on our side")
    OVERLOADED = (503, "The service is at its limit")
    NOT_READY = (503, "The service is not ready")
    REFUSED = (400, "The request was refused")

    @property
    def status(self) -> int:
        """HTTP status code."""
        return self.value[0]

    @property
    def title(self) -> str:
        """One line, the same for every occurrence."""
        return self.value[1]

    @property
    def type(self) -> str:
        """URI of the kind of problem."""
        return TYPE_PREFIX + self.name.lower().replace("_", "-")


BY_STATUS = {404: Kind.UNKNOWN_PATH, 405: Kind.WRONG_METHOD, 413: Kind.BODY_TOO_LARGE}
"""What a status that the framework chose means."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field.

    Attributes:
        path: as in ``metadata.source`` or ``[2].message``; empty for the body as a whole.
    """

    path: str
    message: str


class ProblemError(HTTPException):
    """An error that the caller is told about."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.status, detail, dict(headers or {}))
        self.kind = kind
        self.errors = tuple(errors)

    def response(self) -> Response:
        """Returns the answer for the caller."""
        return problem_response(self.kind, str(self.detail), self.errors, self.headers)


def problem_response(
    kind: Kind,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> Response:
    """Returns a problem as a response; `status` replaces that of `kind`."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": status or kind.status,
        "detail": detail,
        "errors": [{"path": error.path, "message": error.message} for error in errors],
    }
    return Response(orjson.dumps(body), status or kind.status, headers, MEDIA_TYPE)


def invalid_input(errors: Sequence[Mapping[str, Any]]) -> ProblemError:
    """Returns the problem for the ``errors()`` of a pydantic validation; inputs are never repeated."""
    found = tuple(FieldError(field_path(error["loc"]), str(error["msg"])) for error in errors)
    first = found[0] if found else FieldError("", "invalid")
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    detail = f"{first.path}: {first.message}{more}" if first.path else f"{first.message}{more}"
    return ProblemError(Kind.INVALID_INPUT, detail, found)


def http_problem(error: HTTPException) -> Response:
    """Returns the problem for an error that the framework raised."""
    if isinstance(error, ProblemError):
        return error.response()
    other = Kind.INTERNAL_ERROR if error.status_code >= 500 else Kind.REFUSED
    kind = BY_STATUS.get(error.status_code, other)
    phrase = HTTPStatus(error.status_code).phrase
    return problem_response(kind, kind.title if kind is not Kind.REFUSED else phrase, headers=error.headers,
                            status=error.status_code)  # fmt: skip


def field_path(location: Sequence[str | int]) -> str:
    """Returns ``metadata.source`` for ``("body", "metadata", "source")`` and ``[2].message`` in a list."""
    path = ""
    for part in location[1:] if location and location[0] in {"body", "query", "path", "header"} else location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")

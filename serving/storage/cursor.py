"""Page cursors: where a page ended, opaque to the client."""

from __future__ import annotations

import base64
from datetime import datetime

import orjson

from serving.storage.column_types import in_utc
from serving.storage.errors import CursorError

MAX_LENGTH = 512


def encode_cursor(created_at: datetime, ticket_id: str) -> str:
    """Returns the cursor of the page after this ticket."""
    return base64.urlsafe_b64encode(orjson.dumps([created_at, ticket_id])).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """Returns the creation time and id of the last ticket seen.

    Raises:
        CursorError: it is none of ours.
    """
    try:
        created_at, ticket_id = _decode(cursor)
        return in_utc(datetime.fromisoformat(created_at)), str(ticket_id)
    except (ValueError, TypeError) as error:
        raise CursorError(
            f"cursor {cursor[:40]!r} is not one of ours; take next_cursor of the page before, or leave it out"
        ) from error


def _decode(cursor: str) -> list[str]:
    if len(cursor) > MAX_LENGTH:
        raise ValueError("too long")
    padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
    decoded: list[str] = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    return decoded

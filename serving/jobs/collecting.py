"""An outbound channel that collects: every message becomes a line of a file, for demos, tests and pick-up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from serving.storage.records import ClaimedRow


class CollectingOutbound:
    """Appends each message to a file of JSON lines and returns when it is on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def deliver(self, item: ClaimedRow) -> None:
        """Appends one message."""
        line = orjson.dumps(
            {
                "key": item.key,
                "kind": item.kind,
                "ticket_id": item.ticket_id,
                "payload": item.payload,
                "at": datetime.now(UTC),
            }
        )
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _append(self._path, line)

    def collected(self) -> list[Mapping[str, Any]]:
        """Returns the messages in order, each key once, without a line that a crash cut off."""
        by_key: dict[str, Mapping[str, Any]] = {}
        if self._path.exists():
            for line in self._path.read_bytes().splitlines():
                message = _read(line)
                if message is not None:
                    by_key.setdefault(message["key"], message)
        return list(by_key.values())


def _append(path: Path, line: bytes) -> None:
    """Writes a line in one call; a line that a crash cut off before is closed first."""
    with path.open("ab", buffering=0) as file:
        start = b"" if _ends_clean(path) else b"\n"
        file.write(start + line + b"\n")
        os.fsync(file.fileno())


def _ends_clean(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _read(line: bytes) -> Mapping[str, Any] | None:
    try:
        message: Mapping[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return message

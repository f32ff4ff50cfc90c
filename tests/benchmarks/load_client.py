"""A closed-loop HTTP client that costs little: one keep-alive connection a user, requests made beforehand.

Run as a process: ``python -m tests.benchmarks.load_client PORT PATH BODIES CONNECTIONS SECONDS``, where
BODIES is a file with one JSON body a line. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

HEAD_END = b"\r\n\r\n"


@dataclass
class Load:
    """What to send, and what came back.

    Attributes:
        until: when to stop, on the clock of `time.perf_counter`.
        latencies_s: of every answered request.
        statuses: how often each status came.
    """

    requests: list[bytes]
    until: float
    next: int = 0
    latencies_s: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def take(self) -> bytes:
        """Returns the next request."""
        self.next += 1
        return self.requests[self.next % len(self.requests)]

    def answered(self, status: int, seconds: float) -> None:
        """Records one answer."""
        self.latencies_s.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1


class User(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self._load = load
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(HEAD_END)
        if head < 0 or len(self._buffer) < head + 4 + content_length(self._buffer[:head]):
            return
        self._load.answered(int(self._buffer[9:12]), time.perf_counter() - self._sent_at)
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        if self._sent_at >= self._load.until:
            self._transport.close()
            return
        self._transport.write(self._load.take())


def content_length(head: bytes) -> int:
    """Returns the announced length of an answer's body."""
    lowered = head.lower()
    start = lowered.index(b"content-length:") + 15
    end = lowered.find(b"\r\n", start)
    return int(lowered[start : end if end >= 0 else None])


def prepare(port: int, path: str, bodies: list[bytes]) -> list[bytes]:
    """Returns whole requests."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


async def run(port: int, requests: list[bytes], connections: int, seconds: float) -> Load:
    """Returns what `connections` users measured in `seconds`."""
    loop = asyncio.get_running_loop()
    load = Load(requests, time.perf_counter() + seconds)
    users = [loop.create_future() for _ in range(connections)]
    for done in users:
        await loop.create_connection(lambda done=done: User(load, done), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*users)
    return load


def summary(load: Load, seconds: float) -> dict[str, object]:
    """Returns the figures of a run."""
    ordered = sorted(load.latencies_s)
    quantile = {
        f"p{q}_ms": 1000 * ordered[min(len(ordered) * q // 100, len(ordered) - 1)] for q in (50, 95, 99)
    }
    return {"per_second": len(ordered) / seconds, **quantile, "statuses": load.statuses}


def main() -> None:
    """Runs from the command line."""
    port, path, bodies, connections, seconds = sys.argv[1:]
    requests = prepare(int(port), path, Path(bodies).read_bytes().splitlines())
    load = uvloop.run(run(int(port), requests, int(connections), float(seconds)))
    print(json.dumps(summary(load, float(seconds))))


if __name__ == "__main__":
    main()

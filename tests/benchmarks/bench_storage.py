"""Tickets a second of the group commit beside a transaction a ticket, in one run.

``python -m tests.benchmarks.bench_storage [--url URL …] [--tickets N] [--callers N]``
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import dataclass, replace
from typing import Any

from serving.storage import (
    BatchCommitter,
    Database,
    EventRow,
    GroupCommitWriter,
    NewTicket,
    OutboxRow,
    open_database,
    upgrade,
    utc_now,
)
from tests.unit.serving.storage.builders import idempotency, new_ticket

BODY = "Guten Tag, ich habe mein Passwort vergessen und komme nicht mehr in mein Konto. " * 5
EXPLANATION = {
    "categories": dict.fromkeys("abcdefghi", 0.1),
    "proposals": [{"article_id": "KB001", "score": 0.5, "dense": 0.4, "lexical": 0.3}] * 5,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the result."""

    name: str
    per_second: float
    p50_ms: float
    p95_ms: float
    cpu_us: float

    def line(self) -> str:
        """Returns the line."""
        return (
            f"{self.name:<44}{self.per_second:>9,.0f}/s   p50 {self.p50_ms:>7.1f} ms   "
            f"p95 {self.p95_ms:>7.1f} ms   CPU {self.cpu_us:>6.0f} µs a ticket"
        )


def realistic(prefix: str, number: int) -> NewTicket:
    """Returns a ticket as the desk writes it: two messages, four events, an outbox row, a key (9 rows)."""
    now = utc_now()
    bundle = new_ticket(number, id=f"{prefix}-{number}", body=BODY, customer_id=f"CUST-{number % 500}")
    ticket = replace(
        bundle.ticket,
        created_at=now,
        updated_at=now,
        first_response_due_at=now,
        resolution_due_at=now,
        escalate_due_at=now,
        resolved_at=now,
    )
    events = tuple(
        EventRow(type=kind, actor="desk", at=now, data={"probability": 0.9, "reasons": ["sure_enough"]})
        for kind in ("ticket_created", "ticket_read", "auto_resolved", "message_sent")
    )
    return replace(
        bundle,
        ticket=ticket,
        events=events,
        explanation=EXPLANATION,
        outbox=(OutboxRow(kind="reply", key=f"{ticket.id}:reply", payload={"body": BODY}),),
        idempotency=idempotency(ticket.id, at=now),
    )


def serial(database: Database, tickets: list[NewTicket]) -> Measured:
    """Measures a transaction a ticket, one caller."""
    committer = BatchCommitter(database)
    times = []
    begun, cpu = time.perf_counter(), time.process_time()
    for ticket in tickets:
        start = time.perf_counter()
        committer.commit([ticket])
        times.append(time.perf_counter() - start)
    return _measured("a transaction a ticket, 1 caller", times, begun, cpu)


async def grouped(database: Database, tickets: list[NewTicket], callers: int) -> Measured:
    """Measures the group commit."""
    writer = GroupCommitWriter(BatchCommitter(database))
    writer.start()
    left = iter(tickets)
    times: list[float] = []

    async def call() -> None:
        for ticket in left:
            start = time.perf_counter()
            await writer.write(ticket)
            times.append(time.perf_counter() - start)

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(call() for _ in range(callers)))
    measured = _measured(f"group commit, {callers} callers", times, begun, cpu)
    await writer.aclose()
    return measured


def _measured(name: str, times: list[float], begun: float, cpu: float) -> Measured:
    elapsed, spent = time.perf_counter() - begun, time.process_time() - cpu
    ordered = sorted(times)
    count = len(ordered)
    p50, p95 = ordered[count // 2], ordered[int(count * 0.95)]
    return Measured(name, count / elapsed, p50 * 1e3, p95 * 1e3, spent / count * 1e6)


def measure(url: str, count: int, callers: list[int]) -> list[str]:
    """Returns the lines of one database."""
    database = open_database(url)
    upgrade(database)
    run = os.urandom(3).hex()
    slow = serial(database, [realistic(f"S{run}", number) for number in range(max(50, count // 20))])
    lines = [f"{database.dialect}, {count} tickets of 9 rows", f"  {slow.line()}"]
    for many in callers:
        tickets = [realistic(f"G{run}-{many}", number) for number in range(count)]
        fast = asyncio.run(grouped(database, tickets, many))
        lines.append(f"  {fast.line()}   x{fast.per_second / slow.per_second:.1f}")
    database.close()
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", action="append", help="database to measure; default: a new SQLite file")
    parser.add_argument("--tickets", type=int, default=5_000)
    parser.add_argument("--callers", type=int, action="append")
    given: Any = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for url in given.url or [f"sqlite:///{folder}/desk.db"]:
            print("\n".join(measure(url, given.tickets, given.callers or [64, 200])))


if __name__ == "__main__":
    main()

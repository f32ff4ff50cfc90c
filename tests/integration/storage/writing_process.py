"""Writes tickets through the group commit and prints each id once acknowledged: url, prefix, count, keys.

With ``keys`` every process uses the same idempotency keys and source ids.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from serving.storage.batch import BatchCommitter
from serving.storage.database import open_database
from serving.storage.records import NewTicket, utc_now
from serving.storage.writer import GroupCommitWriter
from tests.unit.serving.storage.builders import idempotency, new_ticket


def _bundle(prefix: str, number: int, shared: bool) -> NewTicket:
    bundle = new_ticket(number, id=f"{prefix}-{number}")
    outbox = tuple(replace(item, key=f"{prefix}-{number}:reply") for item in bundle.outbox)
    bundle = replace(bundle, outbox=outbox)
    if not shared:
        return bundle
    key = idempotency(f"key-{number}", response=f"{prefix}-{number}", at=utc_now())
    if number % 2:
        return replace(bundle, idempotency=key)
    return replace(bundle, ticket=replace(bundle.ticket, source_id=f"source-{number}"))


async def _write(url: str, prefix: str, count: int, shared: bool) -> None:
    database = open_database(url)
    writer = GroupCommitWriter(BatchCommitter(database))
    writer.start()
    numbers = iter(range(count))

    async def caller() -> None:
        for number in numbers:
            answer = await writer.write(_bundle(prefix, number, shared))
            sys.stdout.write(f"{answer.ticket_id}\n")
            sys.stdout.flush()

    await asyncio.gather(*(caller() for _ in range(20)))
    await writer.aclose()
    database.close()


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1], sys.argv[2], int(sys.argv[3]), "keys" in sys.argv))

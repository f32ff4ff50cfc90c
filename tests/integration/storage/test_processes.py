from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.storage import tables
from serving.storage.database import Database, open_database
from serving.storage.revisions import upgrade

ROOT = Path(__file__).parents[3]
MODULE = "tests.integration.storage.writing_process"


def _start(url: str, prefix: str, count: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, url, prefix, str(count), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def _stored(database: Database) -> dict[str, int]:
    """Returns the ticket ids with their number of messages, events and outbox rows."""
    parts = (tables.message, tables.event, tables.outbox)
    with database.read() as connection:
        counts = {row.id: 0 for row in connection.execute(sa.select(tables.ticket.c.id))}
        for table in parts:
            grouped = sa.select(table.c.ticket_id, sa.func.count()).group_by(table.c.ticket_id)
            for ticket_id, count in connection.execute(grouped):
                counts[ticket_id] += count
    return counts


def test_killed_process_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    url = f"sqlite:///{tmp_path}/desk.db"
    database = open_database(url)
    upgrade(database)
    acknowledged: set[str] = set()
    for kill in range(5):
        process = _start(url, f"kill{kill}", 1_000_000)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        complete = (first + rest).rpartition("\n")[0]
        acknowledged.update(complete.splitlines())
    stored = _stored(database)
    with database.read() as connection:
        assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
        assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
    database.close()
    assert len(acknowledged) > 50
    assert acknowledged <= set(stored)
    assert set(stored.values()) == {5}, "a ticket is stored with all that belongs to it, or not at all"


@pytest.mark.parametrize("count", [150])
def test_two_processes_writing_the_same_requests_create_each_ticket_once(
    database: Database, url: str, count: int
) -> None:
    processes = [_start(url, prefix, count, "keys") for prefix in ("a", "b")]
    answers = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    stored = _stored(database)
    assert len(stored) == count
    assert set(answers[0]) == set(answers[1]) == set(stored)
    assert set(stored.values()) == {5}

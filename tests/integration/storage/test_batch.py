from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.schema import Channel
from serving.storage import tables
from serving.storage.batch import BatchCommitter
from serving.storage.database import Database, open_database
from serving.storage.errors import (
    IdempotencyConflictError,
    StorageError,
    StorageUnavailableError,
    TicketIdTakenError,
)
from serving.storage.idempotency import KEPT_FOR, find_reply, purge_keys
from serving.storage.records import CustomerRow, Outcome, Written
from serving.storage.tickets import TicketRepository
from tests.unit.serving.storage.builders import START, TEXTS, idempotency, new_ticket


def _count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_commit_new_tickets_reads_back_equal(database: Database, committer: BatchCommitter) -> None:
    bundles = [new_ticket(n, body=TEXTS[n], channel=Channel.SMS) for n in range(4)]
    answers = committer.commit(bundles)
    assert answers == [Written(b.ticket.id, Outcome.CREATED) for b in bundles]
    for bundle in bundles:
        stored = TicketRepository(database).get(bundle.ticket.id)
        assert stored.ticket == bundle.ticket
        assert tuple(replace(message, id=None) for message in stored.messages) == bundle.messages
        assert tuple(replace(event, id=None) for event in stored.events) == bundle.events
        assert TicketRepository(database).explanation(bundle.ticket.id) == bundle.explanation
    assert _count(database, tables.outbox) == 4


def test_commit_nul_and_lone_surrogate_are_replaced(database: Database, committer: BatchCommitter) -> None:
    bundle = new_ticket(0, body="a\x00b\ud800c", subject="\x00", metadata={"a\x00": ["\x00", "\ud800"]})
    assert isinstance(committer.commit([bundle])[0], Written)
    stored = TicketRepository(database).get(bundle.ticket.id)
    assert stored.messages[0].body == "a\ufffdb\ufffdc"
    assert stored.ticket.metadata == {"a\ufffd": ["\ufffd", "\ufffd"]}


def test_commit_long_text_is_kept(database: Database, committer: BatchCommitter) -> None:
    body = "長い😀" * 33_000
    bundle = new_ticket(0, body=body)
    committer.commit([bundle])
    assert TicketRepository(database).get(bundle.ticket.id).messages[0].body == body


def test_commit_one_bad_ticket_fails_alone(database: Database, committer: BatchCommitter) -> None:
    bundles = [new_ticket(n) for n in range(6)]
    bundles[2] = new_ticket(2, created_at=datetime(2026, 1, 1))  # no zone
    bundles[4] = new_ticket(4, metadata={"thing": object()})
    answers = committer.commit(bundles)
    assert [isinstance(answer, StorageError) for answer in answers] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]
    assert "no time zone" in str(answers[2])
    assert _count(database, tables.ticket) == 4
    assert _count(database, tables.event) == 8


def test_commit_same_key_and_request_replays_the_stored_answer(committer: BatchCommitter) -> None:
    committer.commit([new_ticket(1, key="k")])
    again = committer.commit([new_ticket(2, key="k"), new_ticket(3, key="other")])
    first = new_ticket(1).ticket.id
    assert again == [
        Written(first, Outcome.REPLAYED, first),
        Written(new_ticket(3).ticket.id, Outcome.CREATED),
    ]


def test_commit_same_key_other_request_is_a_conflict(database: Database, committer: BatchCommitter) -> None:
    committer.commit([new_ticket(1, key="k")])
    other = replace(new_ticket(2), idempotency=idempotency("k", request_hash="another"))
    assert isinstance(committer.commit([other])[0], IdempotencyConflictError)
    with pytest.raises(IdempotencyConflictError):
        find_reply(database, idempotency("k", request_hash="another"), START)
    assert _count(database, tables.ticket) == 1


def test_commit_same_key_or_source_twice_in_a_batch_creates_one(
    database: Database, committer: BatchCommitter
) -> None:
    batch = [
        new_ticket(1, key="k"),
        new_ticket(2, key="k"),
        new_ticket(3, source_id="s"),
        new_ticket(4, source_id="s"),
        new_ticket(5, source_id="s", channel="chat"),
    ]
    outcomes = [answer.outcome for answer in committer.commit(batch) if isinstance(answer, Written)]
    assert outcomes == ["created", "replayed", "created", "existing", "created"]
    assert _count(database, tables.ticket) == 3


def test_commit_same_source_id_answers_the_existing_ticket(committer: BatchCommitter) -> None:
    committer.commit([new_ticket(1, source_id="mail-1")])
    again = committer.commit([new_ticket(2, source_id="mail-1")])
    assert again == [Written(new_ticket(1).ticket.id, Outcome.EXISTING)]


def test_commit_taken_id_of_another_ticket_asks_for_a_new_one(
    database: Database, committer: BatchCommitter
) -> None:
    committer.commit([new_ticket(1)])
    later = new_ticket(1, created_at=START + timedelta(hours=1))
    answers = committer.commit([later, new_ticket(2)])
    assert isinstance(answers[0], TicketIdTakenError)
    assert answers[1] == Written(new_ticket(2).ticket.id, Outcome.CREATED)


def test_commit_again_after_a_lost_acknowledgement_creates_nothing_twice(
    database: Database, committer: BatchCommitter
) -> None:
    bundles = [new_ticket(n) for n in range(3)]
    assert committer.commit(bundles) == committer.commit(bundles)
    assert _count(database, tables.message) == 6


def test_expired_key_counts_as_new_and_is_purged(database: Database) -> None:
    later = START + KEPT_FOR + timedelta(days=1)
    BatchCommitter(database, now=lambda: START).commit([new_ticket(1, key="k"), new_ticket(2, key="old")])
    assert find_reply(database, idempotency("k"), START) is not None
    assert find_reply(database, idempotency("k"), later) is None
    renewed = replace(new_ticket(3), idempotency=idempotency("k", at=later))
    answers = BatchCommitter(database, now=lambda: later).commit([renewed])
    assert answers == [Written(new_ticket(3).ticket.id, Outcome.CREATED)]
    assert purge_keys(database, later) == 1


def test_commit_known_customer_stays_as_stored(database: Database, committer: BatchCommitter) -> None:
    known = CustomerRow(id="CUST-7", created_at=START, name="Ana", tier="gold", tags=("vip",))
    committer.commit([replace(new_ticket(1, customer_id="CUST-7"), customer=known)])
    committer.commit([new_ticket(2, customer_id="CUST-7"), new_ticket(3, customer_id=None)])
    with database.read() as connection:
        rows = connection.execute(sa.select(tables.customer.c.name, tables.customer.c.tier)).all()
    assert rows == [("Ana", "gold")]


def test_commit_same_outbox_key_is_enqueued_once(database: Database, committer: BatchCommitter) -> None:
    first, second = new_ticket(1), new_ticket(2)
    committer.commit([first, replace(second, outbox=first.outbox)])
    assert _count(database, tables.outbox) == 1


def test_commit_without_database_answers_unavailable_to_all(tmp_path: Path) -> None:
    gone = open_database(f"sqlite:///{tmp_path}/sub/desk.db")
    (tmp_path / "sub").rmdir()
    answers = BatchCommitter(gone).commit([new_ticket(1), new_ticket(2)])
    assert [type(answer) for answer in answers] == [StorageUnavailableError] * 2
    gone.close()

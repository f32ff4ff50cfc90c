from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from serving.jobs.collecting import CollectingOutbound
from serving.jobs.outbound import DeliveryRejectedError
from serving.jobs.relay import OutboxRelay, RelayPolicy
from serving.storage.batch import BatchCommitter
from serving.storage.database import Database
from serving.storage.outbox import OutboxRepository
from serving.storage.records import ClaimedRow, utc_now
from tests.unit.serving.storage.builders import START, new_ticket

LEASE = timedelta(seconds=30)


class FakeOutbound:
    """Collects keys; fails with `error` while it is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[str] = []
        self.tried = 0
        self.error = error
        self.on_deliver: Callable[[], None] = lambda: None

    def deliver(self, item: ClaimedRow) -> None:
        self.tried += 1
        self.on_deliver()
        if self.error is not None:
            raise self.error
        self.sent.append(item.key)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def outbox(database: Database) -> OutboxRepository:
    BatchCommitter(database).commit([new_ticket(n) for n in range(5)])
    return OutboxRepository(database)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _keys(*numbers: int) -> list[str]:
    return [new_ticket(n).outbox[0].key for n in numbers]


def test_run_once_delivers_each_row_once_in_order(outbox: OutboxRepository, clock: FakeClock) -> None:
    outbound = FakeOutbound()
    relay = OutboxRelay(outbox, outbound, now=clock)
    assert relay.run_once() == 5
    assert relay.run_once() == 0
    assert outbound.sent == _keys(0, 1, 2, 3, 4)
    assert outbox.counts() == (0, 0)
    assert relay.counted["delivered"] == 5


def test_claim_by_two_relays_gives_each_row_to_one(outbox: OutboxRepository, clock: FakeClock) -> None:
    first = outbox.claim(3, clock(), LEASE)
    second = outbox.claim(10, clock(), LEASE)
    assert [row.key for row in first] == _keys(0, 1, 2)
    assert [row.key for row in second] == _keys(3, 4)
    assert first[0].payload == new_ticket(0).outbox[0].payload


def test_claim_from_many_threads_at_once_gives_each_row_to_one(
    outbox: OutboxRepository, clock: FakeClock
) -> None:
    claimed: list[str] = []

    def claim() -> None:
        claimed.extend(row.key for row in outbox.claim(2, clock(), LEASE))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed))
    claimed += [row.key for row in outbox.claim(9, clock(), LEASE)]
    assert sorted(claimed) == _keys(0, 1, 2, 3, 4)


def test_claim_of_a_dead_relay_becomes_due_and_its_token_is_worthless(
    outbox: OutboxRepository, clock: FakeClock
) -> None:
    lost = outbox.claim(5, clock(), LEASE)
    clock.advance(31)
    again = outbox.claim(5, clock(), LEASE)
    assert [row.token for row in again] == [2] * 5
    assert outbox.finish(lost, clock()) == 0
    assert not outbox.bury(lost[0], "late")
    assert outbox.finish(again, clock()) == 5


def test_failing_delivery_waits_longer_each_time_then_is_buried_and_revived(
    outbox: OutboxRepository, clock: FakeClock
) -> None:
    policy = RelayPolicy(max_attempts=3, first_pause_s=10)
    outbound = FakeOutbound(error=ConnectionError("refused"))
    relay = OutboxRelay(outbox, outbound, policy, now=clock, chance=lambda: 1.0)
    relay.run_once()
    clock.advance(9)
    assert relay.run_once() == 0
    clock.advance(1)
    assert relay.run_once() == 5
    clock.advance(19)
    assert relay.run_once() == 0
    clock.advance(1)
    assert relay.run_once() == 5
    assert outbox.counts() == (0, 5)
    assert (relay.counted["postponed"], relay.counted["buried"]) == (10, 5)
    clock.advance(1e6)
    assert relay.run_once() == 0
    outbound.error = None
    assert outbox.revive(_keys(2)[0], clock())
    assert not outbox.revive("unknown", clock())
    relay.run_once()
    assert outbound.sent == _keys(2)


def test_rejected_delivery_is_buried_at_once(outbox: OutboxRepository, clock: FakeClock) -> None:
    outbound = FakeOutbound(error=DeliveryRejectedError("no such address"))
    OutboxRelay(outbox, outbound, now=clock).run_once()
    assert outbound.tried == 5
    assert outbox.counts() == (0, 5)


def test_row_that_kills_every_relay_is_buried_without_another_try(
    outbox: OutboxRepository, clock: FakeClock
) -> None:
    for _ in range(2):
        outbox.claim(5, clock(), LEASE)
        clock.advance(31)
    outbound = FakeOutbound()
    OutboxRelay(outbox, outbound, RelayPolicy(max_attempts=2), now=clock).run_once()
    assert outbound.tried == 0
    assert outbox.counts() == (0, 5)


def test_slow_deliveries_give_the_rest_back_before_the_lease_ends(
    outbox: OutboxRepository, clock: FakeClock
) -> None:
    outbound = FakeOutbound()
    outbound.on_deliver = lambda: clock.advance(10)
    relay = OutboxRelay(outbox, outbound, RelayPolicy(lease_s=30), now=clock)
    relay.run_once()
    assert outbound.sent == _keys(0, 1)
    rest = outbox.claim(5, clock(), LEASE)
    assert [(row.key, row.attempts) for row in rest] == [(key, 1) for key in _keys(2, 3, 4)]


def test_start_and_stop_deliver_in_the_background(outbox: OutboxRepository, tmp_path: Path) -> None:
    outbound = CollectingOutbound(tmp_path / "out" / "outbound.jsonl")
    relay = OutboxRelay(outbox, outbound, RelayPolicy(poll_s=0.01, batch=2), now=utc_now)
    relay.start()
    limit = time.monotonic() + 20
    while outbox.counts()[0] and time.monotonic() < limit:
        time.sleep(0.01)
    relay.stop()
    assert [message["key"] for message in outbound.collected()] == _keys(0, 1, 2, 3, 4)

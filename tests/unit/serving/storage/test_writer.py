from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from serving.storage.errors import QueueFullError, StorageError, WriterStoppedError
from serving.storage.idempotency import Answer
from serving.storage.records import NewTicket, Outcome, Written
from serving.storage.writer import CommitPolicy, GroupCommitWriter
from tests.unit.serving.storage.builders import new_ticket


class RecordingCommitter:
    """Remembers the batches; refuses ticket ids in `bad`; waits for `gate` before each batch."""

    def __init__(self, bad: frozenset[str] = frozenset()) -> None:
        self.batches: list[list[str]] = []
        self.bad = bad
        self.gate = threading.Event()
        self.gate.set()

    def commit(self, bundles: Sequence[NewTicket]) -> list[Answer]:
        self.gate.wait()
        ids = [bundle.ticket.id for bundle in bundles]
        self.batches.append(ids)
        return [StorageError(i) if i in self.bad else Written(i, Outcome.CREATED) for i in ids]


def test_write_many_callers_share_a_batch_and_get_their_own_answers() -> None:
    committer = RecordingCommitter(bad=frozenset({new_ticket(3).ticket.id}))

    async def scenario() -> list[Written | BaseException]:
        writer = GroupCommitWriter(committer, CommitPolicy(max_wait_ms=20))
        writer.start()
        calls = [writer.write(new_ticket(n)) for n in range(10)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        await writer.aclose()
        return answers

    answers = asyncio.run(scenario())
    assert len(committer.batches) == 1
    assert isinstance(answers[3], StorageError)
    assert [a.ticket_id for a in answers if isinstance(a, Written)] == [
        new_ticket(n).ticket.id for n in range(10) if n != 3
    ]


def test_write_never_makes_a_batch_larger_than_allowed() -> None:
    committer = RecordingCommitter()

    async def scenario() -> None:
        writer = GroupCommitWriter(committer, CommitPolicy(max_batch=4))
        writer.start()
        await asyncio.gather(*(writer.write(new_ticket(n)) for n in range(10)))
        await writer.aclose()

    asyncio.run(scenario())
    assert max(map(len, committer.batches)) <= 4
    assert sum(map(len, committer.batches)) == 10


def test_write_full_queue_is_refused_with_a_time_to_retry() -> None:
    committer = RecordingCommitter()
    committer.gate.clear()

    async def scenario() -> list[Written | BaseException]:
        writer = GroupCommitWriter(committer, CommitPolicy(max_batch=1, max_queue=3, retry_after_s=7))
        writer.start()
        first = asyncio.create_task(writer.write(new_ticket(0)))
        while writer.depth or not first:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        calls = [asyncio.create_task(writer.write(new_ticket(n))) for n in range(1, 6)]
        await asyncio.sleep(0)
        committer.gate.set()
        answers = await asyncio.gather(first, *calls, return_exceptions=True)
        await writer.aclose()
        return answers

    refused = [answer for answer in asyncio.run(scenario()) if isinstance(answer, QueueFullError)]
    assert [error.retry_after_s for error in refused] == [7, 7]


def test_stop_writes_what_waits_then_refuses() -> None:
    committer = RecordingCommitter()
    committer.gate.clear()

    async def scenario() -> list[Written | BaseException]:
        writer = GroupCommitWriter(committer, CommitPolicy(max_batch=2))
        writer.start()
        calls = [asyncio.create_task(writer.write(new_ticket(n))) for n in range(5)]
        await asyncio.sleep(0.01)
        closing = asyncio.create_task(writer.aclose())
        await asyncio.sleep(0.01)
        committer.gate.set()
        answers = await asyncio.gather(*calls)
        await closing
        late = await asyncio.gather(writer.write(new_ticket(9)), return_exceptions=True)
        return [*answers, *late]

    *written, late = asyncio.run(scenario())
    assert len(written) == 5
    assert isinstance(late, WriterStoppedError)


def test_write_cancelled_caller_does_not_disturb_the_others() -> None:
    committer = RecordingCommitter()
    committer.gate.clear()

    async def scenario() -> Written:
        writer = GroupCommitWriter(committer)
        writer.start()
        first = asyncio.create_task(writer.write(new_ticket(0)))
        second = asyncio.create_task(writer.write(new_ticket(1)))
        await asyncio.sleep(0.02)
        first.cancel()
        committer.gate.set()
        answer = await second
        await writer.aclose()
        return answer

    assert asyncio.run(scenario()).outcome is Outcome.CREATED


def test_write_committer_that_breaks_answers_everybody_and_the_thread_lives_on() -> None:
    class Breaking(RecordingCommitter):
        def commit(self, bundles: Sequence[NewTicket]) -> list[Answer]:
            if not self.batches:
                self.batches.append([])
                raise MemoryError("no room")
            return super().commit(bundles)

    async def scenario() -> Written:
        writer = GroupCommitWriter(Breaking())
        writer.start()
        with pytest.raises(MemoryError):
            await writer.write(new_ticket(0))
        answer = await writer.write(new_ticket(1))
        await writer.aclose()
        return answer

    assert asyncio.run(scenario()).outcome is Outcome.CREATED

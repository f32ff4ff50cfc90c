"""The group commit: what callers hand in within a few milliseconds is written in one transaction.

A transaction a ticket waits for the disk once a ticket; a group waits once. Each caller is answered after
the commit, so nothing acknowledged is lost when the process is killed.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from serving.storage.errors import QueueFullError, WriterStoppedError
from serving.storage.idempotency import Answer
from serving.storage.records import NewTicket, Written


class Committer(Protocol):
    """Writes a batch and answers for each ticket."""

    def commit(self, bundles: Sequence[NewTicket]) -> list[Answer]:
        """Returns an answer or an error for each, in order."""
        ...


@dataclass(frozen=True, slots=True)
class CommitPolicy:
    """How tickets are gathered.

    Attributes:
        max_batch: tickets in one transaction.
        max_wait_ms: how long the first of a group waits for others.
        max_queue: tickets that may wait; more are refused.
        retry_after_s: what a refused caller is told.
    """

    max_batch: int = 256
    max_wait_ms: float = 2.0
    max_queue: int = 2_048
    retry_after_s: float = 1.0


_Waiting = tuple[NewTicket, "asyncio.Future[Written]"]


class GroupCommitWriter:
    """One thread that writes for all callers of a process."""

    def __init__(self, committer: Committer, policy: CommitPolicy | None = None) -> None:
        self._committer = committer
        self._policy = policy or CommitPolicy()
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._running = False
        self._thread: threading.Thread | None = None

    @property
    def depth(self) -> int:
        """How many tickets wait to be written."""
        return len(self._waiting)

    @property
    def running(self) -> bool:
        """Whether tickets are accepted."""
        return self._running

    def start(self) -> None:
        """Starts the thread."""
        with self._changed:
            if self._running:
                return
            self._running = True
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Accepts nothing more, writes what waits, and returns when that is done."""
        with self._changed:
            self._running = False
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    async def aclose(self) -> None:
        """Stops without blocking the event loop, so that the last answers reach their callers."""
        await asyncio.to_thread(self.stop)

    async def write(self, bundle: NewTicket) -> Written:
        """Returns after the ticket is committed, or found to be there already.

        Raises:
            QueueFullError: too many wait; answer 503 with ``Retry-After``.
            WriterStoppedError: the writer is not running.
            IdempotencyConflictError: the key was used for another request.
            TicketIdTakenError: take another id and write again.
            StorageUnavailableError: the database cannot be reached; nothing was acknowledged.
            StorageError: the database refused this ticket.
        """
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._admit()
            self._waiting.append((bundle, future))
            if len(self._waiting) in {1, self._policy.max_batch}:
                self._changed.notify()
        return await future

    def _admit(self) -> None:
        if not self._running:
            raise WriterStoppedError("the writer is not running; the service is starting or stopping")
        if len(self._waiting) >= self._policy.max_queue:
            raise QueueFullError(len(self._waiting), self._policy.retry_after_s)

    def _run(self) -> None:
        try:
            while batch := self._gather():
                self._write(batch)
        finally:
            self._abandon()

    def _gather(self) -> list[_Waiting]:
        """Returns the next group; empty when the writer was stopped and nothing waits."""
        policy, waiting = self._policy, self._waiting
        with self._changed:
            self._changed.wait_for(lambda: waiting or not self._running)
            if self._running and len(waiting) < policy.max_batch:
                self._changed.wait_for(
                    lambda: len(waiting) >= policy.max_batch or not self._running, policy.max_wait_ms / 1000
                )
            return [waiting.popleft() for _ in range(min(len(waiting), policy.max_batch))]

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            answers = self._committer.commit([bundle for bundle, _ in batch])
        except Exception as error:  # the callers get it, the thread lives on
            answers = [error] * len(batch)
        _answer([(future, answer) for (_, future), answer in zip(batch, answers, strict=True)])

    def _abandon(self) -> None:
        with self._changed:
            self._running = False
            left = [(future, WriterStoppedError("the writer stopped")) for _, future in self._waiting]
            self._waiting.clear()
        _answer(left)


def _answer(pairs: Sequence[tuple[asyncio.Future[Written], Answer]]) -> None:
    """Wakes the callers, one call an event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Written], Answer]]] = {}
    for pair in pairs:
        by_loop.setdefault(pair[0].get_loop(), []).append(pair)
    for loop, own in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, own)
        except RuntimeError:  # the loop is closed: its callers are gone
            continue


def _settle(pairs: Sequence[tuple[asyncio.Future[Written], Answer]]) -> None:
    for future, answer in pairs:
        if future.done():  # the caller was cancelled
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

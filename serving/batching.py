"""Requests that arrive together are worked on together: the models cost per batch, not per ticket."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from data.errors import FirstlineError

Item = TypeVar("Item")
Result = TypeVar("Result")


class QueueFullError(FirstlineError):
    """More requests are waiting than the batcher may hold."""


class BatchObserver(Protocol):
    """Who is told about batches."""

    def batch_started(self, size: int, waits_s: Sequence[float]) -> None:
        """Called from the event loop as a batch starts; `waits_s` has how long each item waited."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How requests are gathered.

    Attributes:
        size: most items of one batch.
        wait_s: how long the first item waits for company while nothing runs.
        pending: most items that may wait; one more is refused.
    """

    size: int = 32
    wait_s: float = 0.002
    pending: int = 512


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Result]):
    item: Item
    answer: asyncio.Future[Result]
    since: float


class MicroBatcher(Generic[Item, Result]):
    """Runs a function over batches in one thread of its own and hands each caller its own result.

    While a batch runs, the next one gathers, so batches grow with the load by themselves. An item that fails
    fails alone: its batch is halved until the others are through.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Result]],
        limits: BatchLimits,
        observer: BatchObserver | None = None,
    ) -> None:
        self._run = run
        self._limits = limits
        self._observer = observer
        self._waiting: deque[_Waiting[Item, Result]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._running = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def pending(self) -> int:
        """How many items wait."""
        return len(self._waiting)

    async def submit(self, item: Item) -> Result:
        """Returns what the function made of `item`.

        Raises:
            QueueFullError: too many items wait already.
            Exception: what the function raised for this item.
        """
        if len(self._waiting) >= self._limits.pending:
            raise QueueFullError(
                f"{self._limits.pending} requests are waiting already; try again in a second"
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Waiting(item, answer, time.perf_counter()))
        self._schedule(loop)
        return await answer

    def close(self) -> None:
        """Waits for the running batch and refuses what still waits."""
        self._cancel_timer()
        while self._waiting:
            self._waiting.popleft().answer.cancel()
        self._thread.shutdown(wait=True)

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._running:
            return
        if len(self._waiting) >= self._limits.size or self._limits.wait_s <= 0:
            self._start(loop)
        elif self._timer is None:
            self._timer = loop.call_later(self._limits.wait_s, self._start, loop)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._cancel_timer()
        batch = self._take()
        if not batch:
            return
        self._running = True
        job = loop.run_in_executor(self._thread, run_isolated, self._run, [waiting.item for waiting in batch])
        job.add_done_callback(lambda done: self._finish(loop, batch, done))

    def _take(self) -> list[_Waiting[Item, Result]]:
        batch: list[_Waiting[Item, Result]] = []
        while self._waiting and len(batch) < self._limits.size:
            waiting = self._waiting.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
        if batch and self._observer is not None:
            now = time.perf_counter()
            self._observer.batch_started(len(batch), [now - waiting.since for waiting in batch])
        return batch

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: Sequence[_Waiting[Item, Result]],
        done: asyncio.Future[list[Result | Exception]],
    ) -> None:
        self._running = False
        for waiting, outcome in zip(batch, done.result(), strict=True):
            if waiting.answer.done():
                continue
            if isinstance(outcome, Exception):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)
        if self._waiting:
            self._start(loop)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def run_isolated(
    run: Callable[[list[Item]], Sequence[Result]], items: list[Item]
) -> list[Result | Exception]:
    """Returns the result of each item, or the exception that this item alone causes."""
    try:
        results: list[Result | Exception] = list(run(items))
        if len(results) != len(items):
            raise RuntimeError(f"{len(items)} items went in, {len(results)} results came out")  # noqa: TRY301
    except Exception as error:
        if len(items) == 1:
            return [error]
        middle = len(items) // 2
        return run_isolated(run, items[:middle]) + run_isolated(run, items[middle:])
    return results

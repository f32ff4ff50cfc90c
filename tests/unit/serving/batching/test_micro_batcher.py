from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from serving.batching import BatchLimits, MicroBatcher, QueueFullError, run_isolated


@dataclass
class Recorder:
    """Doubles numbers; refuses negative ones; remembers its batches and threads."""

    batches: list[list[int]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def run(self, items: list[int]) -> Sequence[int]:
        self.gate.wait()
        self.batches.append(items)
        self.threads.add(threading.current_thread().name)
        if any(item < 0 for item in items):
            raise ValueError(f"negative: {items}")
        return [2 * item for item in items]


@dataclass
class Observer:
    sizes: list[int] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)

    def batch_started(self, size: int, waits_s: Sequence[float]) -> None:
        self.sizes.append(size)
        self.waits_s += waits_s


def in_loop(
    work: Callable[[MicroBatcher[int, int]], Awaitable[object]], recorder: Recorder, **limits: float
) -> tuple[object, Observer]:
    observer = Observer()

    async def run() -> object:
        batcher: MicroBatcher[int, int] = MicroBatcher(recorder.run, BatchLimits(**limits), observer)  # type: ignore[arg-type]
        try:
            return await work(batcher)
        finally:
            recorder.gate.set()
            batcher.close()

    return asyncio.run(run()), observer


def test_submit_together_runs_in_one_batch_of_one_thread() -> None:
    recorder = Recorder()

    async def work(batcher: MicroBatcher[int, int]) -> object:
        return await asyncio.gather(*(batcher.submit(number) for number in range(10)))

    results, observer = in_loop(work, recorder)
    assert results == [2 * number for number in range(10)]
    assert recorder.batches == [list(range(10))]
    assert len(recorder.threads) == 1
    assert observer.sizes == [10]
    assert all(wait_s >= 0 for wait_s in observer.waits_s)


def test_submit_more_than_a_batch_holds_runs_several() -> None:
    recorder = Recorder()

    async def work(batcher: MicroBatcher[int, int]) -> object:
        return await asyncio.gather(*(batcher.submit(number) for number in range(70)))

    results, observer = in_loop(work, recorder, size=32)
    assert results == [2 * number for number in range(70)]
    assert max(observer.sizes) <= 32
    assert sum(observer.sizes) == 70


def test_failing_item_fails_alone() -> None:
    recorder = Recorder()

    async def work(batcher: MicroBatcher[int, int]) -> object:
        numbers = [1, 2, -3, 4, 5, -6, 7]
        return await asyncio.gather(*map(batcher.submit, numbers), return_exceptions=True)

    results, _ = in_loop(work, recorder)
    assert isinstance(results, list)
    assert [result for result in results if isinstance(result, int)] == [2, 4, 8, 10, 14]
    assert [str(result) for result in results if isinstance(result, ValueError)] == [
        "negative: [-3]",
        "negative: [-6]",
    ]


def test_item_that_breaks_only_in_company_still_gets_its_own_result() -> None:
    def run(items: list[int]) -> list[int]:
        if len(items) > 1:
            raise RuntimeError("too many")
        return items

    assert run_isolated(run, [1, 2, 3]) == [1, 2, 3]


def test_function_that_loses_results_is_an_error_for_everybody() -> None:
    outcomes = run_isolated(lambda _items: [], [1, 2])
    assert all(isinstance(outcome, RuntimeError) for outcome in outcomes)


def test_submit_when_full_is_refused_and_the_others_are_answered() -> None:
    recorder = Recorder()

    async def work(batcher: MicroBatcher[int, int]) -> object:
        recorder.gate.clear()
        first = asyncio.create_task(batcher.submit(0))
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(batcher.submit(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError, match="2 requests are waiting already"):
            await batcher.submit(3)
        recorder.gate.set()
        return await asyncio.gather(first, *waiting)

    results, _ = in_loop(work, recorder, pending=2, wait_s=0.0)
    assert results == [0, 2, 4]


def test_cancelled_caller_leaves_the_batch() -> None:
    recorder = Recorder()

    async def work(batcher: MicroBatcher[int, int]) -> object:
        recorder.gate.clear()
        first = asyncio.create_task(batcher.submit(0))
        await asyncio.sleep(0.05)
        gone, stays = asyncio.create_task(batcher.submit(1)), asyncio.create_task(batcher.submit(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        recorder.gate.set()
        return await asyncio.gather(first, stays)

    results, _ = in_loop(work, recorder)
    assert results == [0, 4]
    assert recorder.batches == [[0], [2]]


def test_close_refuses_what_waits() -> None:
    recorder = Recorder()

    async def work(batcher: MicroBatcher[int, int]) -> object:
        waiting = asyncio.create_task(batcher.submit(1))
        await asyncio.sleep(0)
        batcher.close()
        return await asyncio.gather(waiting, return_exceptions=True)

    results, _ = in_loop(work, recorder, wait_s=10.0)
    assert isinstance(results, list)
    assert isinstance(results[0], asyncio.CancelledError)

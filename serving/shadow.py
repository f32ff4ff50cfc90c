"""Shadow mode: a challenger reads live tickets beside the champion, and acts on none of them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from serving.domain.decision import Decision
from serving.domain.intake import Intake
from serving.domain.outcome import Outcome
from serving.domain.ports import Clock
from serving.observability.logs import get_log
from serving.orchestrator.desk import Desk
from serving.orchestrator.understanding import Understood
from serving.storage import ShadowRow

BATCH = 16
"""Small, so that the champion's next batch never waits long for the interpreter."""
WAITING = 2_000
LOOK_S = 1.0
RETRY_S = 30.0


class ShadowStore(Protocol):
    """Keeps what both did."""

    def add(self, rows: Sequence[ShadowRow]) -> None:
        """Stores the rows."""
        ...


class ShadowObserver(Protocol):
    """Who is told how many tickets the challenger read, and how many it had no time for."""

    def shadowed(self, outcome: str, count: int) -> None:
        """Counts tickets by what became of them: ``scored``, ``dropped`` or ``failed``."""
        ...


@dataclass(frozen=True)
class ShadowPorts:
    """What the shadow mode works with.

    Attributes:
        version: returns the challenger's version, None without one; asked about once a second.
        open_desk: returns the desk of a version; may take seconds.
    """

    version: Callable[[], str | None]
    open_desk: Callable[[str], Desk]
    store: ShadowStore
    observer: ShadowObserver
    clock: Clock


class Shadow:
    """Reads every stored ticket once more, with the challenger, in a thread of its own.

    The customers never wait for it: what does not fit its queue is dropped and counted, and what it raises is
    counted and logged.
    """

    def __init__(self, ports: ShadowPorts) -> None:
        self._ports = ports
        self._waiting: deque[tuple[Intake, Outcome]] = deque()
        self._woken = threading.Condition()
        self._stopped = False
        self._version: str | None = None
        self._desk: Desk | None = None
        self._retry_at = 0.0
        self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)

    def start(self) -> None:
        """Begins to look for a challenger."""
        self._thread.start()

    def stop(self) -> None:
        """Stops after the batch in work; what waits is dropped."""
        with self._woken:
            self._stopped = True
            self._woken.notify()
        if self._thread.is_alive():
            self._thread.join()

    def offer(self, intake: Intake, outcome: Outcome) -> None:
        """Takes a ticket that the champion has handled; returns at once."""
        if self._desk is None or outcome.ticket.model_version == self._version:
            return
        with self._woken:
            if len(self._waiting) >= WAITING:
                self._ports.observer.shadowed("dropped", 1)
                return
            self._waiting.append((intake, outcome))
            self._woken.notify()

    def _work(self) -> None:
        while True:
            with self._woken:
                if not self._waiting and not self._stopped:
                    self._woken.wait(LOOK_S)
                if self._stopped:
                    return
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._look()
            if batch and self._desk is not None:
                self._score(self._desk, batch)

    def _look(self) -> None:
        """Opens a new challenger, or lets go of one that was dismissed."""
        if time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + LOOK_S
        try:
            version = self._ports.version()
            if version != self._version:
                self._desk = None if version is None else self._ports.open_desk(version)
                self._version = version
                get_log("models").info("challenger_adopted", bundle=version)
        except Exception:  # counted; the champion goes on, and the next look may succeed
            self._retry_at = time.monotonic() + RETRY_S
            self._ports.observer.shadowed("failed", 1)
            get_log("models").exception("challenger_refused")

    def _score(self, desk: Desk, batch: Sequence[tuple[Intake, Outcome]]) -> None:
        try:
            understood = desk.understand([intake for intake, _ in batch])
            rows = [
                self._row(outcome, item, desk.decide(item))
                for (_, outcome), item in zip(batch, understood, strict=True)
            ]
            self._ports.store.add(rows)
        except Exception:  # counted; a challenger that fails must not stop the ones after it
            self._ports.observer.shadowed("failed", len(batch))
            get_log("models").exception("challenger_failed")
            return
        self._ports.observer.shadowed("scored", len(batch))

    def _row(self, outcome: Outcome, item: Understood, decision: Decision) -> ShadowRow:
        return ShadowRow(
            ticket_id=outcome.ticket.id,
            champion=outcome.ticket.model_version,
            challenger=item.model_version,
            champion_reading=_champions(outcome),
            challenger_reading=_challengers(item, decision),
            at=self._ports.clock.now(),
        )


def _champions(outcome: Outcome) -> dict[str, Any]:
    seen = outcome.explanation
    return {
        "category": seen.category.value,
        "topic": seen.topic.value,
        "sentiment": seen.sentiment.value,
        "urgent": seen.urgent.value == "true",
        "article_id": seen.article_id,
        "probability": seen.probability,
        "threshold": seen.threshold,
        "action": str(outcome.decision.action),
    }


def _challengers(item: Understood, decision: Decision) -> dict[str, Any]:
    return {
        "category": item.reading.category.value,
        "topic": item.reading.topic.value,
        "sentiment": item.reading.sentiment.value,
        "urgent": item.reading.is_urgent,
        "article_id": item.verdict.article_id,
        "probability": item.verdict.probability,
        "threshold": decision.gate.threshold,
        "action": str(decision.action),
    }

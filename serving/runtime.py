"""One worker of the service: what it has open, and what it tells callers until then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from data.errors import FirstlineError
from serving.api.problems import FieldError, Kind, ProblemError
from serving.front_office import FrontOffice
from serving.observability.logs import get_log
from serving.observability.metrics import Metrics

OPEN = "open"
RETRY_S = 3.0
OPENING_S = 10.0
"""How long a request waits for a worker that has just started, where another worker is ready already."""
UNKNOWN = "cannot be opened; see the log"


class Assembly(Protocol):
    """Everything of one worker that must be closed again."""

    @property
    def office(self) -> FrontOffice:
        """What callers are served by."""
        ...

    def start(self) -> None:
        """Begins to accept work; called in the event loop."""
        ...

    async def close(self) -> None:
        """Finishes what was accepted."""
        ...


@dataclass
class Parts:
    """The state of each part: ``open``, or what it lacks."""

    states: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(("database", "models", "index"), "is being opened")
    )

    def opened(self, part: str) -> None:
        """Notes that `part` is open."""
        self.states[part] = OPEN

    def failed(self, reason: str) -> None:
        """Notes `reason` at the first part that is not open."""
        for part, state in self.states.items():
            if state != OPEN:
                self.states[part] = reason
                return


class Runtime:
    """Opens one worker beside its requests and closes it.

    While something is missing (no bundle was trained yet, the database is down) the process lives, answers
    503 with the reason, and tries again: to restart it would not help.
    """

    def __init__(
        self, assemble: Callable[[Metrics, Parts], Assembly], metrics: Metrics, max_body_bytes: int
    ) -> None:
        self._assemble = assemble
        self.metrics = metrics
        self.max_body_bytes = max_body_bytes
        self._parts = Parts()
        self._assembly: Assembly | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()

    def start(self) -> None:
        """Begins to open everything; returns at once."""
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def stop(self) -> None:
        """Finishes what was accepted and closes everything."""
        if self._opening is not None:
            self._opening.cancel()
        if self._assembly is not None:
            assembly, self._assembly = self._assembly, None
            await assembly.close()

    async def office(self) -> FrontOffice:
        """Returns the open front office; while this worker opens for the first time, a request waits for it.

        Raises:
            ProblemError: something is missing, or the service is stopping; 503.
        """
        if self._assembly is None and self._opening is not None and not self._tried.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._tried.wait(), OPENING_S)
        if self._assembly is None:
            raise _not_ready(self._parts.states)
        return self._assembly.office

    def parts(self) -> dict[str, str]:
        """Returns the state of each part; asks the database."""
        states = dict(self._parts.states)
        if self._assembly is None and all(state == OPEN for state in states.values()):
            states["service"] = "is stopping"
        elif self._assembly is not None and not self._assembly.office.store.healthy():
            states["database"] = "does not answer"
        return states

    async def _open(self) -> None:
        log = get_log("service")
        while True:
            parts = Parts()
            try:
                assembly = await asyncio.to_thread(self._assemble, self.metrics, parts)
            except Exception as error:
                parts.failed(str(error) if isinstance(error, FirstlineError) else UNKNOWN)
                if parts != self._parts:
                    log.exception("not_ready")
                self._parts = parts
                self._tried.set()
                await asyncio.sleep(RETRY_S)
                continue
            assembly.start()
            self._parts, self._assembly = parts, assembly
            self._tried.set()
            log.info("ready")
            return


def _not_ready(states: dict[str, str]) -> ProblemError:
    missing = [FieldError(part, state) for part, state in states.items() if state != OPEN]
    detail = "; ".join(f"{error.path}: {error.message}" for error in missing) or "the service is stopping"
    return ProblemError(Kind.NOT_READY, detail, missing, {"Retry-After": "2"})

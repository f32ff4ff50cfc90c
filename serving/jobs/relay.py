"""The outbox relay: delivers what the desk wrote, at least once, with the row's key.

A row is claimed for the length of a lease. A relay that dies loses its claim when the lease ends, and another
delivers the row again with the same key. Failures are tried again with growing pauses, then buried for people
to see.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.jobs.outbound import DeliveryRejectedError, Outbound
from serving.storage.errors import StorageError
from serving.storage.outbox import OutboxRepository
from serving.storage.records import ClaimedRow, utc_now

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """How the relay works.

    Attributes:
        batch: rows claimed at once, and marked delivered in one transaction; so many may be sent again with
            the same key when the process is killed, and each transaction holds up the writer of new tickets.
        lease_s: how long a claim holds; longer than one delivery may take.
        max_attempts: deliveries begun before a row is buried.
        first_pause_s: before the second attempt; doubled with each further one, up to `longest_pause_s`.
        poll_s: pause when nothing is due.
    """

    batch: int = 20
    lease_s: float = 30.0
    max_attempts: int = 8
    first_pause_s: float = 5.0
    longest_pause_s: float = 3_600.0
    poll_s: float = 1.0


class OutboxRelay:
    """Delivers due outbox rows; any number of them may run beside each other.

    Attributes:
        counted: deliveries by what became of them (``delivered``, ``postponed``, ``buried``, ``overtaken``:
            somebody else holds the claim by now; ``broken``: rounds that failed as a whole).
    """

    def __init__(
        self,
        outbox: OutboxRepository,
        outbound: Outbound,
        policy: RelayPolicy | None = None,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._outbound = outbound
        self._policy = policy or RelayPolicy()
        self._now = now
        self._chance = chance
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.counted: Counter[str] = Counter()

    def start(self) -> None:
        """Starts delivering in a thread of its own."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="outbox-relay", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finishes the delivery under way, gives the other claimed rows back, and returns."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run_once(self) -> int:
        """Delivers what is due, at most one batch, and returns how many rows were claimed."""
        lease = timedelta(seconds=self._policy.lease_s)
        begun = self._now()
        rows = self._outbox.claim(self._policy.batch, begun, lease)
        half_time = begun + lease / 2
        delivered: list[ClaimedRow] = []
        for row in rows:
            if self._stopping.is_set() or self._now() >= half_time:
                self._outbox.release(row, self._now())
            elif self._handle(row):
                delivered.append(row)
        self._finish(delivered)
        return len(rows)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._round() < self._policy.batch:
                self._stopping.wait(self._policy.poll_s)

    def _round(self) -> int:
        try:
            return self.run_once()
        except StorageError as error:
            _LOG.warning("outbox relay: %s; trying again", error)
        except Exception:
            _LOG.exception("outbox relay: a round failed; trying again")
        self.counted["broken"] += 1
        return 0

    def _finish(self, delivered: list[ClaimedRow]) -> None:
        finished = self._outbox.finish(delivered, self._now())
        self.counted["delivered"] += finished
        self.counted["overtaken"] += len(delivered) - finished

    def _handle(self, row: ClaimedRow) -> bool:
        """Returns whether the row was delivered; if not, it was postponed or buried."""
        if row.attempts > self._policy.max_attempts:  # every attempt before ended with a dead process
            self._bury(row, f"{row.attempts - 1} deliveries were begun and none was finished")
            return False
        try:
            self._outbound.deliver(row)
        except DeliveryRejectedError as error:
            self._bury(row, str(error))
        except Exception as error:  # recorded on the row and counted
            self._failed(row, f"{type(error).__name__}: {error}")
        else:
            return True
        return False

    def _failed(self, row: ClaimedRow, error: str) -> None:
        if row.attempts >= self._policy.max_attempts:
            self._bury(row, error)
            return
        until = self._now() + timedelta(seconds=self.pause_s(row.attempts))
        _LOG.warning("outbox: delivery %s of %s failed: %s", row.attempts, row.key, error)
        self._count("postponed", self._outbox.postpone(row, until, error))

    def _bury(self, row: ClaimedRow, error: str) -> None:
        _LOG.error("outbox: %s (%s) given up after %s attempts: %s", row.key, row.kind, row.attempts, error)
        self._count("buried", self._outbox.bury(row, error))

    def _count(self, result: str, held: bool) -> None:
        self.counted[result if held else "overtaken"] += 1

    def pause_s(self, attempts: int) -> float:
        """Returns the pause after so many attempts: doubling, half of it by chance."""
        whole = min(self._policy.first_pause_s * 2.0 ** (attempts - 1), self._policy.longest_pause_s)
        return whole * (0.5 + 0.5 * self._chance())

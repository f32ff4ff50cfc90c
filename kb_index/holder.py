"""The index that a running service searches, replaced while it runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kb_index.search import KnowledgeIndex, open_current
from kb_index.store import CURRENT_FILE

POLL_S = 1.0
RETRY_S = 30.0
logger = logging.getLogger(__name__)

Signature = tuple[int, int, int] | None


class IndexHolder:
    """Holds the version in use and swaps it when ``CURRENT`` changes.

    A new version is opened in a thread of its own; until it stands, and if it is broken, the old one answers.
    Whoever holds an index goes on with it undisturbed.

    Attributes:
        failures: how many times a new version could not be opened.
        swaps: how many times a new version took over.
        last_error: why the last attempt failed; None after a success.

    Raises:
        IndexStoreError: there is no usable index to start with.
    """

    def __init__(
        self, root: Path, encoder_id: str, dim: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root = root
        self._encoder = (encoder_id, dim)
        self._clock = clock
        self._loading = threading.Lock()
        self._seen = self._signature()
        self._index = open_current(root, encoder_id, dim)
        self._next_poll = clock() + POLL_S
        self._next_retry = clock()
        self.failures = 0
        self.swaps = 0
        self.last_error: str | None = None

    def current(self) -> KnowledgeIndex:
        """Returns the index to use for one batch; at most once a second this looks at ``CURRENT``."""
        now = self._clock()
        if now >= self._next_poll:
            self._next_poll = now + POLL_S
            if self._is_due(now):
                threading.Thread(target=self.refresh, name="index-refresh", daemon=True).start()
        return self._index

    def refresh(self) -> bool:
        """Returns whether a new version took over; opens it in the calling thread if ``CURRENT`` has changed.

        Never raises for a broken version: it is logged and counted, and tried again after `RETRY_S`.
        """
        if not self._loading.acquire(blocking=False):
            return False
        try:
            return self._is_due(self._clock()) and self._load()
        finally:
            self._loading.release()

    def _is_due(self, now: float) -> bool:
        if self._signature() != self._seen:
            return True
        return self.last_error is not None and now >= self._next_retry

    def _load(self) -> bool:
        self._seen = self._signature()
        try:
            index = open_current(self._root, *self._encoder)
        except Exception as error:
            self.failures += 1
            self.last_error = str(error)
            self._next_retry = self._clock() + RETRY_S
            logger.exception("new index not usable, version %s keeps serving", self._index.version)
            return False
        self.last_error = None
        if index.version == self._index.version:
            return False
        logger.info("index %s replaced by %s", self._index.version, index.version)
        self._index = index
        self.swaps += 1
        return True

    def _signature(self) -> Signature:
        try:
            found = (self._root / CURRENT_FILE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

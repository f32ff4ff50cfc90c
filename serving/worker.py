"""The one runtime of a worker process, shared by BentoML's instance and the front door."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import cache

from bentoml._internal.context import server_context

from serving.bootstrap import open_runtime
from serving.observability.logs import configure_logs
from serving.runtime import Runtime
from serving.settings import load_settings

ORPHAN_POLL_S = 1.0


@cache
def current_runtime() -> Runtime:
    """Returns this process's runtime, made at the first call."""
    settings = load_settings()
    configure_logs(settings.logging.level)
    if server_context.worker_index is not None:
        stop_with_parent()
    return open_runtime(settings, max((server_context.worker_index or 1) - 1, 0))


def stop_with_parent() -> None:
    """Stops this worker when BentoML's parent is gone: an orphan would hold the port."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_POLL_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, name="parent-watch", daemon=True).start()

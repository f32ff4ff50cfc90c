"""The real service in processes of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[3]
START = "from serving.settings import load_settings; from serving.server import serve; serve(load_settings())"
WORKER = "_bentoml_impl.worker.service"
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ServiceProcess:
    """The service on a folder of its own.

    Attributes:
        var: holds ``bundles/`` and ``index/``; the database and the figures are written here.
        ready_s: from the start of the process to the first ready answer.
    """

    var: Path
    workers: int = 2
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    ready_s: float = 0.0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it wrote to its standard output."""
        return self.var / "service.log"

    def spawn(self) -> None:
        """Starts it and returns at once."""
        environment = {
            **os.environ,
            "FIRSTLINE_VAR": str(self.var),
            "FIRSTLINE_PORT": str(self.port),
            "FIRSTLINE_WORKERS": str(self.workers),
            **self.environment,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Starts it and returns when it is ready."""
        started = time.perf_counter()
        self.spawn()
        self.wait_ready()
        self.ready_s = time.perf_counter() - started

    def wait_ready(self) -> None:
        """Returns when it is ready."""
        until = time.perf_counter() + READY_WITHIN_S
        while time.perf_counter() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"not ready after {READY_WITHIN_S} s:\n{self.log.read_text()[-4000:]}")

    def answers(self) -> str:
        """Returns the text of its readiness, empty while nothing listens."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).text
        except httpx.TransportError:
            return ""

    def stop(self) -> float:
        """Asks it to stop and returns the seconds that took."""
        assert self.process is not None
        started = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_WITHIN_S)
        return time.perf_counter() - started

    def kill(self) -> None:
        """Ends all its processes without a word."""
        assert self.process is not None
        workers = self.worker_pids()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(STOP_WITHIN_S)

    def worker_pids(self) -> list[int]:
        """Returns the worker processes."""
        import psutil

        assert self.process is not None
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [
            child.pid for child in children if "_bentoml_impl.worker.service" in " ".join(child.cmdline())
        ]

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Returns the answer to one request."""
        return httpx.request(method, self.url + path, timeout=30, **options)

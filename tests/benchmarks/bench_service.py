"""The complete ``POST /api/v1/tickets`` under load, beside a bare Starlette echo in the same run.

Run as ``python -m tests.benchmarks.bench_service [--seconds 15] [--connections 64] [--workers 2] [--json]``
after ``firstline train all``; the database and all that it writes lie in a temporary folder. Messages are those
of the corpus' test split. The client is a process of its own and takes its share of the same processors.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from data.schema import Split
from data.tickets import load_tickets
from tests.integration.service.process import ROOT, ServiceProcess, free_port

PATH = "/api/v1/tickets"
ECHO = "tests.benchmarks.echo_app:app"
WARM_UP_S = 3.0
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure."""

    seconds: float
    connections: int
    workers: int
    var: Path


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server did.

    Attributes:
        refused: answers other than 201.
    """

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    refused: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured.

    Attributes:
        worker_mb: resident memory of each worker after the load.
    """

    connections: int
    workers: int
    service: Figures
    echo: Figures
    ready_s: float
    stop_s: float
    worker_mb: list[int]


def measure(options: Options) -> Report:
    """Returns the figures of the service and of the echo."""
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / "bodies.jsonl"
        bodies.write_text("\n".join(ticket_bodies()), encoding="utf-8")
        echo = measure_echo(options, bodies)
        process = ServiceProcess(copy_models(options.var, Path(folder)), options.workers)
        try:
            process.start()
            service = load(process.port, bodies, options)
            memory = [psutil.Process(pid).memory_info().rss // MEBIBYTE for pid in process.worker_pids()]
            stop_s = process.stop()
        finally:
            process.kill()
    return Report(options.connections, options.workers, service, echo, process.ready_s, stop_s, memory)


def ticket_bodies() -> Sequence[str]:
    """Returns the test split's tickets as bodies of requests, in a fixed mixed order."""
    tickets = [ticket for ticket in load_tickets() if ticket.split is Split.TEST]
    if not tickets:
        sys.exit("the corpus has no test split")
    tickets.sort(key=lambda ticket: hash_order(ticket.id))
    return [
        json.dumps(
            {
                "customer_id": f"CUST-{number % 997:03d}",
                "channel": ticket.channel,
                "subject": ticket.subject,
                "message": ticket.message,
            }
        )
        for number, ticket in enumerate(tickets)
    ]


def hash_order(text: str) -> bytes:
    """Returns a key that mixes languages and topics, the same in every run."""
    return hashlib.sha256(text.encode()).digest()


def copy_models(var: Path, folder: Path) -> Path:
    """Returns a folder with copies of bundle and index; the database of the user is left alone."""
    if not (var / "bundles" / "CHAMPION").exists():
        sys.exit(f"no champion under {var}/bundles: run 'firstline train all' first")
    for name in ("bundles", "index"):
        shutil.copytree(var / name, folder / "var" / name)
    return folder / "var"


def measure_echo(options: Options, bodies: Path) -> Figures:
    """Returns the figures of Starlette alone, with as many workers of uvicorn."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", ECHO, "--port", str(port), "--workers", str(options.workers)]
    quiet = ["--no-access-log", "--log-level", "error", "--loop", "uvloop", "--http", "httptools"]
    server = subprocess.Popen([*command, *quiet], cwd=ROOT)
    try:
        wait_for_echo(port)
        return load(port, bodies, options)
    finally:
        server.terminate()
        server.wait(15)


def wait_for_echo(port: int) -> None:
    """Returns when the echo answers."""
    for _ in range(200):
        try:
            httpx.post(f"http://127.0.0.1:{port}{PATH}", content=b"{}")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the echo did not start")


def load(port: int, bodies: Path, options: Options) -> Figures:
    """Returns the figures of a server under load, after a short warm-up."""
    run_client(port, bodies, options.connections, WARM_UP_S)
    found = run_client(port, bodies, options.connections, options.seconds)
    statuses = found.pop("statuses")
    return Figures(**found, refused=sum(count for status, count in statuses.items() if status != "201"))


def run_client(port: int, bodies: Path, connections: int, seconds: float) -> dict[str, Any]:
    """Returns what the client measured; it runs in a process of its own."""
    client = [sys.executable, "-m", "tests.benchmarks.load_client", str(port), PATH, str(bodies)]
    done = subprocess.run(
        [*client, str(connections), str(seconds)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def render(report: Report) -> str:
    """Returns the table for people."""
    lines = [f"{report.connections} connections, {report.workers} workers, {os.cpu_count()} processors"]
    lines.append(f"{'':28}{'per second':>11}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'refused':>9}")
    for name, found in (("POST /api/v1/tickets", report.service), ("bare Starlette echo", report.echo)):
        times = "".join(f"{value:9.1f}" for value in (found.p50_ms, found.p95_ms, found.p99_ms))
        lines.append(f"{name:28}{found.per_second:11.0f}{times}{found.refused:9}")
    lines.append(f"memory per worker {', '.join(map(str, report.worker_mb))} MiB")
    lines.append(f"start to ready {report.ready_s:.1f} s, stop {report.stop_s:.1f} s")
    return "\n".join(lines)


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="folder with bundles/ and index/")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    report = measure(Options(given.seconds, given.connections, given.workers, given.var))
    print(json.dumps(asdict(report)) if given.json else render(report))


if __name__ == "__main__":
    main()

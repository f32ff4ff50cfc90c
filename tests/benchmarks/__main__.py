"""All benchmarks in short runs, about fifteen minutes in all: ``python -m tests.benchmarks``.

Each can be run by itself and longer; see the modules. Each runs in a process of its own, on one thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from serving.server import ONE_THREAD
from tests.benchmarks.bench_service import ROOT

PARTS = {
    "search": ["bench_search"],
    "vectors": ["bench_vectors"],
    "encoder": ["bench_encoder"],
    "storage": ["bench_storage", "--tickets", "2000", "--callers", "64"],
    "prediction": ["bench_prediction"],
    "backtest": ["bench_backtest", "--tickets", "5000"],
    "service": ["bench_service", "--seconds", "10"],
}


def run(module: str, *arguments: str) -> tuple[list[str], bool]:
    """Returns the lines that one benchmark prints, and whether it came to its end."""
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout.splitlines(), True
    return [f"failed with {done.returncode}", *done.stderr.splitlines()[-3:]], False


def main() -> None:
    """Runs every part and prints one summary; exits with 1 if a part failed."""
    begun = time.perf_counter()
    succeeded = []
    for name, command in PARTS.items():
        lines, success = run(*command)
        succeeded.append(success)
        print("\n  ".join([f"{name}:", *lines]), flush=True)
    load = os.getloadavg()[0]
    print(f"{time.perf_counter() - begun:.0f} s in all, {os.cpu_count()} processors, load {load:.1f}")
    sys.exit(not all(succeeded))


if __name__ == "__main__":
    main()

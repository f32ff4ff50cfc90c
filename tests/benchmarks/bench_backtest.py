"""Tickets a second of ``firstline evaluate backtest`` on a made-up export, from the file to the figures.

Run as ``python -m tests.benchmarks.bench_backtest --tickets 100000`` after ``firstline train all``; uses every core
unless told otherwise.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from dataclasses import dataclass
from pathlib import Path

from data.articles import load_articles
from data.history.tickets import open_history
from serving.settings import load_settings
from tests.benchmarks.history_export import write_export
from training.backtest.run import BacktestOptions, run_backtest


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured; `cpu_s` of all processes, `peak_mb` of the largest one."""

    tickets: int
    workers: int
    seconds: float
    cpu_s: float
    peak_mb: float

    def lines(self) -> list[str]:
        """Returns the report for people."""
        rate = f"{self.tickets / self.seconds:,.0f} a second, {self.tickets / self.cpu_s:,.0f} a CPU second"
        what = f"{self.tickets:,} tickets on {self.workers} processes in {self.seconds:.1f} s"
        return [f"{what}: {rate}; {self.peak_mb:,.0f} MB at most in one process"]


def measure(tickets: int, workers: int) -> Report:
    """Returns the figures of one run, opening the models included."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.csv"
        write_export(export, tickets)
        before = _cpu_s()
        page = run_backtest(
            load_settings(),
            open_history(export),
            load_articles(),
            BacktestOptions(workers=workers),
            Path(folder),
        )
        cpu_s = _cpu_s() - before
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Report(tickets, workers, page.seconds, cpu_s, peak / 1024)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    print("\n".join(measure(arguments.tickets, arguments.workers).lines()))

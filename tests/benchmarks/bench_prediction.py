"""Offline predictions a second on one core: what ``firstline predict`` does, without reading and writing files.

Run as ``python -m tests.benchmarks.bench_prediction`` after ``firstline train all``.
"""

from __future__ import annotations

import io
import json
import time
from dataclasses import dataclass

from data.schema import Split
from data.tickets import load_tickets
from evaluation.prediction import predict_lines
from serving.bootstrap import use_one_thread
from serving.offline import open_offline_desk
from serving.settings import load_settings

LEAST = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured; rates are per second of this process's CPU time, and of the clock."""

    tickets: int
    open_s: float
    per_cpu_second: float
    per_second: float

    def lines(self) -> list[str]:
        """Returns the report for people."""
        rates = f"{self.per_cpu_second:,.0f} a CPU second, {self.per_second:,.0f} a second"
        return [f"{self.tickets} tickets, desk opened in {self.open_s:.1f} s: {rates}"]


def measure() -> Report:
    """Returns the figures of the champion on the corpus' test split, repeated to at least `LEAST` tickets."""
    begun = time.perf_counter()
    opened = open_offline_desk(load_settings())
    use_one_thread()
    open_s = time.perf_counter() - begun
    tickets = [ticket for ticket in load_tickets() if ticket.split is Split.TEST]
    lines = [json.dumps({"message": ticket.message, "subject": ticket.subject}) for ticket in tickets]
    lines *= -(-LEAST // len(lines))
    predict_lines(opened.desk, lines[:256], io.StringIO())
    begun, cpu = time.perf_counter(), time.process_time()
    predict_lines(opened.desk, lines, io.StringIO())
    cpu_s, clock_s = time.process_time() - cpu, time.perf_counter() - begun
    return Report(len(lines), open_s, len(lines) / cpu_s, len(lines) / clock_s)


if __name__ == "__main__":
    print("\n".join(measure().lines()))

"""CPU time of a knowledge search: the shipped articles and tickets, batches of several sizes.

Run with ``python -m tests.benchmarks.bench_search [encoder]``, on one thread: ``OPENBLAS_NUM_THREADS=1``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from data.articles import load_articles
from data.tickets import load_tickets
from kb_index.build import build_index
from kb_index.search import open_current
from models.encoder import DEFAULT_ENCODER, open_encoder

QUERIES = 640
ROUNDS = 5
SIZES = (1, 8, 32, 128)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured.

    Attributes:
        query_ms: CPU time of a query by the size of its batch, the best of several rounds.
    """

    chunks: int
    build_s: float
    open_s: float
    query_ms: dict[int, float]

    def lines(self) -> list[str]:
        """Returns the report for people."""
        head = f"{self.chunks} chunks built in {self.build_s:.2f} s, opened in {self.open_s:.3f} s"
        return [head, *(f"batch {size:4d}: {ms:.3f} ms a query" for size, ms in self.query_ms.items())]


def measure(reference: str = DEFAULT_ENCODER) -> Report:
    """Returns the figures of an index of the shipped articles."""
    encoder = open_encoder(reference)
    tickets = load_tickets()[::7][:QUERIES]
    texts, languages = [ticket.text for ticket in tickets], [ticket.language for ticket in tickets]
    embeddings = encoder.encode(texts)
    with tempfile.TemporaryDirectory() as folder:
        report = build_index(load_articles(), encoder, Path(folder))
        started = time.perf_counter()
        index = open_current(Path(folder), encoder.id, encoder.dim)
        opened = time.perf_counter() - started
    query_ms: dict[int, float] = {}
    for size in SIZES:
        times = []
        for _ in range(ROUNDS):
            started = time.process_time()
            for start in range(0, len(texts), size):
                part = slice(start, start + size)
                index.search(embeddings[part], texts[part], languages[part])
            times.append((time.process_time() - started) / len(texts))
        query_ms[size] = min(times) * 1e3
    return Report(report.chunks, report.seconds, opened, query_ms)


if __name__ == "__main__":
    print("\n".join(measure(*sys.argv[1:]).lines()))

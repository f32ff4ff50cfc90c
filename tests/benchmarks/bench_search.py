"""CPU time of a knowledge search: the shipped articles and tickets, batches of several sizes.

Run with ``python -m tests.benchmarks.bench_search [encoder]``, on one thread: ``OPENBLAS_NUM_THREADS=1``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from data.articles import load_articles
from data.tickets import load_tickets
from kb_index.build import build_index
from kb_index.search import open_current
from models.encoder import DEFAULT_ENCODER, open_encoder

QUERIES = 640
ROUNDS = 5


def main(reference: str = DEFAULT_ENCODER) -> None:
    """Prints milliseconds a query for each batch size, the best of several rounds."""
    encoder = open_encoder(reference)
    tickets = load_tickets()[::7][:QUERIES]
    texts, languages = [ticket.text for ticket in tickets], [ticket.language for ticket in tickets]
    embeddings = encoder.encode(texts)
    with tempfile.TemporaryDirectory() as folder:
        report = build_index(load_articles(), encoder, Path(folder))
        started = time.perf_counter()
        index = open_current(Path(folder), encoder.id, encoder.dim)
        opened = time.perf_counter() - started
    print(f"{report.chunks} chunks built in {report.seconds:.2f} s, opened in {opened:.3f} s")
    for size in (1, 8, 32, 128):
        times = []
        for _ in range(ROUNDS):
            started = time.process_time()
            for start in range(0, len(texts), size):
                part = slice(start, start + size)
                index.search(embeddings[part], texts[part], languages[part])
            times.append((time.process_time() - started) / len(texts))
        print(f"batch {size:4d}: {min(times) * 1e3:.3f} ms a query")


if __name__ == "__main__":
    main(*sys.argv[1:])

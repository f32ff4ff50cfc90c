"""Dense search at scale: each kind of index on the same vectors, against exact search.

Run with ``python -m tests.benchmarks.bench_vectors [--sizes 1000 100000 1000000] [--slow]``. The vectors are those
of the shipped tickets and articles, mixed in pairs and with noise: they lie in clusters, as texts do, of which there
are more the more vectors there are. The queries are drawn likewise.
Every figure is of one thread. Memory is that of the second of two processes that search the same files.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.articles import load_articles
from data.tickets import load_tickets
from kb_index.approximate import EXACT_FILE, ApproximateVectors
from kb_index.arrays import create_array, map_array
from kb_index.chunks import article_text
from kb_index.plan import IndexKind, IndexOptions, IndexPlan, choose_plan
from kb_index.search import load_vectors
from kb_index.vectors import FlatVectors
from models.encoder import open_encoder, unit_rows

SIZES = (1_000, 100_000, 1_000_000)
SLOW_FROM = 500_000
"""A graph of this many vectors is built only on demand: it takes ten minutes."""
SECOND = 0.45
"""How much of a second vector is added to a unit vector; chosen so that inverted lists find as many true
neighbours in 100,000 vectors as they do in those of 100,000 real sentences."""
NOISE = 0.5
"""Length of the noise that is added to both."""
QUERIES = 200
NEAREST = 10
BLOCK = 50_000
QUERIES_FILE = "queries.npy"
HEAD = "  vectors  index                          build s  disk MB  private MB  shared MB  ms/query  recall@10  codes"


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one index.

    Attributes:
        chosen: whether this is what Firstline takes at this size.
        private_mb: what the second process has to itself after its searches; `shared_mb` what it maps.
        recall: of the true nearest `NEAREST`, after exact re-ranking; `codes_recall` without it.
    """

    size: int
    plan: IndexPlan
    chosen: bool
    build_s: float
    disk_mb: float
    private_mb: float
    shared_mb: float
    query_ms: float
    recall: float
    codes_recall: float

    def line(self) -> str:
        """Returns the row for people."""
        numbers = self.plan.parameters()
        names = {"nlist": "", "nprobe": "/", "m": "m", "ef_search": "/"}
        shape = "".join(f"{mark}{numbers[name]}" for name, mark in names.items() if name in numbers)
        bits = f" {self.plan.bits} bits" if self.plan.bits else ""
        name = f"{self.plan.kind} {shape}{bits}{' (chosen)' if self.chosen else ''}"
        return (
            f"{self.size:9,}  {name:29}  {self.build_s:7.1f}  {self.disk_mb:7.0f}  {self.private_mb:10.1f}  "
            f"{self.shared_mb:9.0f}  {self.query_ms:8.3f}  {self.recall:9.3f}  {self.codes_recall:5.3f}"
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What a process that searches an index found, and what that cost."""

    found: NDArray[np.int64]
    codes: NDArray[np.int64]
    query_ms: float
    private_mb: float
    shared_mb: float


def base_vectors() -> NDArray[np.float32]:
    """Returns ``(n, dim) float32``: the shipped tickets and articles."""
    texts = [ticket.text for ticket in load_tickets()] + [article_text(one) for one in load_articles()]
    vectors = open_encoder().encode(texts)
    return vectors[np.any(vectors, axis=1)]


def write_noisy(base: NDArray[np.float32], size: int, seed: int, path: Path) -> NDArray[np.float32]:
    """Returns ``(size, dim) float32`` in a file: rows of `base` mixed in pairs, with noise."""
    random = np.random.default_rng(seed)
    dim = base.shape[1]
    rows = create_array(path, (size, dim), "float32")
    for start in range(0, size, BLOCK):
        count = min(BLOCK, size - start)
        noise = random.standard_normal((count, dim), dtype=np.float32) * (NOISE / dim**0.5)
        first, second = random.integers(0, len(base), (2, count))
        rows[start : start + count] = unit_rows(base[first] + SECOND * base[second] + noise)
    return rows


def find_exactly(vectors: NDArray[np.float32], queries: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns ``(n, NEAREST)`` rows with the highest cosines."""
    rows = np.zeros((len(queries), 0), dtype=np.int64)
    best = np.zeros((len(queries), 0), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        cosines = queries @ vectors[start : start + BLOCK].T
        best = np.hstack([best, cosines])
        rows = np.hstack([rows, np.broadcast_to(np.arange(start, start + cosines.shape[1]), cosines.shape)])
        order = np.argpartition(-best, NEAREST - 1, axis=1)[:, :NEAREST]
        best, rows = np.take_along_axis(best, order, axis=1), np.take_along_axis(rows, order, axis=1)
    return rows


def plans(size: int, slow: bool) -> list[IndexPlan]:
    """Returns what is measured at a size."""
    kinds = [IndexOptions(IndexKind.FLAT), IndexOptions(IndexKind.IVF), IndexOptions(IndexKind.IVF, bits=4)]
    if size < SLOW_FROM or slow:
        kinds.append(IndexOptions(IndexKind.HNSW))
    return [choose_plan(options, size) for options in kinds]


def measure(folder: Path, plan: IndexPlan, truth: NDArray[np.int64]) -> Row:
    """Returns the figures of one index of the vectors in `folder`."""
    vectors = map_array(folder / EXACT_FILE)
    started = time.process_time()
    if plan.kind is IndexKind.FLAT:
        FlatVectors.build(vectors).save(folder)
    else:
        ApproximateVectors.build(vectors, plan).save(folder)
    built = time.process_time() - started
    files = [folder / "vectors.faiss", *([folder / EXACT_FILE] if plan.kind is not IndexKind.FLAT else [])]
    answers = ask_twice(folder, plan)
    return Row(
        size=len(vectors),
        plan=plan,
        chosen=plan == choose_plan(IndexOptions(), len(vectors)),
        build_s=built,
        disk_mb=sum(file.stat().st_size for file in files) / 2**20,
        private_mb=answers.private_mb,
        shared_mb=answers.shared_mb,
        query_ms=answers.query_ms,
        recall=share_found(answers.found, truth),
        codes_recall=share_found(answers.codes, truth),
    )


def share_found(found: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """Returns the mean share of the true rows that were found."""
    return float(np.mean([np.isin(true, rows).mean() for true, rows in zip(truth, found, strict=True)]))


def ask_twice(folder: Path, plan: IndexPlan) -> Answers:
    """Returns the answers of a process that searches the index while another has done so and lives on."""
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(2)]
    processes = [context.Process(target=answer, args=(folder, plan, theirs)) for _, theirs in pipes]
    for process, (ours, _) in zip(processes, pipes, strict=True):
        process.start()
        found = ours.recv()
    for process, (ours, _) in zip(processes, pipes, strict=True):
        ours.send("done")
        process.join()
    assert isinstance(found, Answers)
    return found


def answer(folder: Path, plan: IndexPlan, pipe: Connection) -> None:
    """Searches the index, one query at a time, sends what was found, and lives until it is told to end."""
    queries = map_array(folder / QUERIES_FILE)
    before = read_memory()
    index = load_vectors(folder, plan)
    search(index, queries[:1], plan)
    started = time.process_time()
    found = [search(index, queries[row : row + 1], plan) for row in range(len(queries))]
    query_ms = (time.process_time() - started) / len(queries) * 1e3
    after = read_memory()
    best, codes = (np.stack(part) for part in zip(*found, strict=True))
    pipe.send(Answers(best, codes, query_ms, after[0] - before[0], after[1] - before[1]))
    pipe.recv()


def search(
    index: FlatVectors | ApproximateVectors, query: NDArray[np.float32], plan: IndexPlan
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the `NEAREST` rows by exact cosine, and by the codes alone."""
    if isinstance(index, FlatVectors):
        cosines = index.cosines(query)[0]
        best = np.argpartition(-cosines, NEAREST - 1)[:NEAREST].copy()
        return best, best
    rows = index.nearest(query, plan.rerank)[0]
    rows = rows[rows >= 0]
    return rows[np.argsort(-index.cosines(query[0], rows))[:NEAREST]], rows[:NEAREST].copy()


def read_memory() -> tuple[float, float]:
    """Returns the MB this process has to itself, and those it maps together with others."""
    lines = [line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]]
    kb = {line[0].rstrip(":"): int(line[1]) for line in lines}
    private, shared = kb["Private_Clean"] + kb["Private_Dirty"], kb["Shared_Clean"] + kb["Shared_Dirty"]
    return private / 1024, shared / 1024


def main() -> None:
    """Measures every kind at every size and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--slow", action="store_true", help=f"a graph also from {SLOW_FROM:,} vectors on")
    arguments = parser.parse_args()
    base = base_vectors()
    print(
        f"{base.shape[1]} dimensions, mixed from {len(base):,} texts; {QUERIES} queries; one thread, CPU time"
    )
    print(HEAD, flush=True)
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            vectors = write_noisy(base, size, size, folder / EXACT_FILE)
            queries = np.array(write_noisy(base, QUERIES, 7, folder / QUERIES_FILE))
            truth = find_exactly(vectors, queries)
            del vectors
            for plan in plans(size, arguments.slow):
                print(measure(folder, plan, truth).line(), flush=True)


if __name__ == "__main__":
    main()

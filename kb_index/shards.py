"""Embedding a large corpus shard by shard, in several processes, so that a killed build is resumed.

The passages go to an Arrow file of Hugging Face ``datasets``, of which each process maps its shard. A finished
shard is a folder with the hashes of its chunks and their vectors; as it is found by content, it serves any
later build with the same encoder, whatever else has changed.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.durable import sync_tree
from data.errors import FirstlineError
from kb_index.arrays import create_array, save_array
from kb_index.contents import HASH_TYPE
from kb_index.known import HASHES_FILE, VECTORS_FILE, KnownVectors
from kb_index.passages import BATCH, embed_passages

if TYPE_CHECKING:
    from datasets import Dataset

    from models.encoder import Encoder

HIDDEN = "."
"""Finished shards are the folders whose names do not start with it."""


@dataclass(frozen=True, slots=True)
class ShardRun:
    """How passages are embedded.

    Attributes:
        work: folder of the finished shards.
        shards: how many; with more `jobs` than one, as many processes embed them.
    """

    encoder: Encoder
    work: Path
    shards: int
    jobs: int


def finished_shards(work: Path) -> list[KnownVectors]:
    """Returns what earlier calls of `embed_shards` left under `work`; none if there is no such folder.

    Raises:
        DamagedIndexError: a shard cannot be read.
    """
    folders = sorted(work.glob(f"[!{HIDDEN}]*"))
    return [KnownVectors.load(folder) for folder in folders]


def embed_shards(run: ShardRun, passages: Iterable[tuple[np.bytes_, str]]) -> Iterator[int]:
    """Embeds passages with their hashes; yields the size of each shard when it is finished.

    Raises:
        UnusableInputError: the encoder gives rows of another length, or not of unit length.
    """
    run.work.mkdir(parents=True, exist_ok=True)
    _remove_hidden(run.work)
    rows = ({"hash": code.decode(), "passage": passage} for code, passage in passages)
    dataset = store_rows(rows, {"hash": "string", "passage": "string"}, run.work / f"{HIDDEN}passages")
    parts = (dataset.shard(run.shards, number, contiguous=True) for number in range(run.shards))
    if run.jobs == 1:
        yield from (embed_shard(part, run) for part in parts)
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(run.jobs, run.shards), mp_context=context) as pool:
            for future in as_completed([pool.submit(embed_shard, part, run) for part in parts]):
                yield future.result()
    _remove_hidden(run.work)


def store_rows(rows: Iterable[dict[str, Any]], types: dict[str, Any], folder: Path) -> Dataset:
    """Returns `rows` in an Arrow file under `folder` that is memory-mapped.

    Args:
        rows: read once.
        types: of the columns: a name of an Arrow type, or a list with one for a column of lists.
        folder: to be removed when the data set is no longer used.
    """
    from datasets import Dataset, Features, List, Value, disable_progress_bars
    from datasets.exceptions import DatasetGenerationError

    disable_progress_bars()
    columns = {
        name: List(Value(kind[0])) if isinstance(kind, list) else Value(kind) for name, kind in types.items()
    }
    try:
        stored = Dataset.from_generator(
            lambda: iter(rows),
            features=Features(columns),
            cache_dir=str(folder),
            fingerprint=hashlib.sha256(str(folder).encode()).hexdigest()[:16],
        )
    except DatasetGenerationError as error:
        if isinstance(error.__cause__, FirstlineError | OSError):
            raise error.__cause__ from None  # what went wrong with a row, not that something went wrong
        raise
    assert isinstance(stored, Dataset)
    return stored


def embed_shard(passages: Dataset, run: ShardRun) -> int:
    """Embeds one shard, which stands under its name only when it is whole; returns its size."""
    hashes = np.array(passages["hash"][:], dtype=HASH_TYPE)
    name = hashlib.sha256(hashes.tobytes()).hexdigest()[:32]
    partial = run.work / f"{HIDDEN}{name}"
    vectors = create_array(partial / VECTORS_FILE, (len(hashes), run.encoder.dim), "float32")
    for start in range(0, len(hashes), BATCH):
        batch = passages[start : start + BATCH]["passage"]
        vectors[start : start + len(batch)] = embed_passages(batch, run.encoder)
    save_array(partial / HASHES_FILE, hashes)
    sync_tree(partial)
    partial.rename(run.work / name)
    return len(hashes)


def _remove_hidden(work: Path) -> None:
    for path in work.glob(f"{HIDDEN}*"):
        shutil.rmtree(path)

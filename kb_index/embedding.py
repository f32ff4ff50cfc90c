"""The vectors of all chunks of a version: known ones are copied, the others go through the encoder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb_index.contents import Contents
from kb_index.errors import IndexStoreError, UnusableInputError
from kb_index.known import KnownVectors, fill_known
from kb_index.passages import BATCH, embed_passages
from kb_index.shards import ShardRun, embed_shards, finished_shards
from models.encoder import Encoder

SHARD_CHUNKS = 16_384


class Progress(Protocol):
    """Is told how far a build has come."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """Takes how many of `total` pieces of a stage are done."""
        ...


def report_nothing(stage: str, done: int, total: int, /) -> None:
    """Ignores how far a build has come."""


@dataclass(frozen=True, slots=True)
class Sharding:
    """How many chunks are embedded at a time, and by how many processes.

    Attributes:
        shards: None makes one of every `SHARD_CHUNKS` chunks. A single shard in a single process is embedded
            without keeping anything for a resumption.
        jobs: processes, each with its own copy of the encoder.

    Raises:
        UnusableInputError: a number is below 1.
    """

    shards: int | None = None
    jobs: int = 1

    def __post_init__(self) -> None:
        if self.jobs < 1 or (self.shards is not None and self.shards < 1):
            raise UnusableInputError(f"shards and jobs must be 1 or more, not {self.shards} and {self.jobs}")

    def count(self, chunks: int) -> int:
        """Returns how many shards `chunks` chunks make."""
        return min(self.shards or -(-chunks // SHARD_CHUNKS), chunks)


@dataclass(frozen=True, slots=True)
class Embedder:
    """What turns the chunks of a version into vectors.

    Attributes:
        known: vectors of an earlier version.
        work: folder where finished shards are kept until the version is published.
    """

    encoder: Encoder
    known: Sequence[KnownVectors]
    work: Path
    sharding: Sharding = Sharding()
    progress: Progress = report_nothing

    def embed(self, contents: Contents, out: NDArray[np.float32]) -> int:
        """Fills ``(chunks, dim)`` `out` with unit rows; returns how many chunks went through the encoder.

        Equal chunks are embedded once; so are those of the shards that an interrupted build has left.

        Raises:
            UnusableInputError: the encoder gives rows of another length, or not of unit length.
        """
        hashes = contents.hashes
        everything = np.ones(len(hashes), dtype=np.bool_)
        missing = fill_known(hashes, (*self.known, *finished_shards(self.work)), out, everything)
        fresh, first = np.unique(hashes[missing], return_index=True)
        rows = np.flatnonzero(missing)[first]
        wanted = np.zeros(len(hashes), dtype=np.bool_)
        wanted[rows] = True
        passages = itertools.compress(contents.passages(), wanted)
        shards = self.sharding.count(len(rows))
        if len(rows) and (shards > 1 or self.sharding.jobs > 1):
            self._embed_shards(hashes[wanted], passages, shards)
            embedded: Sequence[KnownVectors] = finished_shards(self.work)
        else:
            self._embed_here(passages, np.flatnonzero(wanted), out)
            missing &= ~wanted
            embedded = (KnownVectors(fresh, rows, out),)
        if fill_known(hashes, embedded, out, missing).any():
            raise IndexStoreError(f"vectors have vanished from {self.work} during the build: build again")
        return len(rows)

    def _embed_shards(self, hashes: NDArray[np.bytes_], passages: Iterator[str], shards: int) -> None:
        run = ShardRun(self.encoder, self.work, shards, self.sharding.jobs)
        done = 0
        self.progress("embedded", done, len(hashes))
        for size in embed_shards(run, zip(hashes, passages, strict=True)):
            done += size
            self.progress("embedded", done, len(hashes))

    def _embed_here(self, passages: Iterator[str], rows: NDArray[np.intp], out: NDArray[np.float32]) -> None:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            out[batch] = embed_passages(list(itertools.islice(passages, len(batch))), self.encoder)
            self.progress("embedded", start + len(batch), len(rows))

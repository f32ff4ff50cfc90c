"""JSON lines of which single ones are read: the file is memory-mapped, and an array says where each starts."""

from __future__ import annotations

import json
import mmap
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Generic, Self, TypeVar

import numpy as np

from kb_index.arrays import map_array, save_array
from kb_index.errors import REMEDY, DamagedIndexError

REMEMBERED = 4_096
T = TypeVar("T")


class RecordWriter:
    """Appends records to ``<name>.jsonl`` inside a ``with``, whose end writes ``<name>.starts.npy``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("wb")
        self._starts = array("q", [0])

    def append(self, row: dict[str, Any]) -> None:
        """Writes one record."""
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        self._file.write(line)
        self._starts.append(self._starts[-1] + len(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        save_array(starts_file(self._path), np.frombuffer(self._starts, dtype=np.int64))


class Records(Generic[T]):
    """The records of a file, each made of its line when it is asked for; the last ones are remembered."""

    def __init__(self, path: Path, make: Callable[[dict[str, Any]], T]) -> None:
        self._path = path
        self._starts = map_array(starts_file(path))
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise DamagedIndexError(f"{path} cannot be read ({error}); {REMEDY}") from error
        self._make = make
        self._read = lru_cache(maxsize=REMEMBERED)(self._parse)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, row: int) -> T:
        """Returns one record.

        Raises:
            DamagedIndexError: the line is not what was written.
        """
        return self._read(row)

    def __iter__(self) -> Iterator[T]:
        """Yields every record, remembering none."""
        return (self._parse(row) for row in range(len(self)))

    def _parse(self, row: int) -> T:
        start, end = self._starts[row : row + 2].tolist()
        try:
            return self._make(json.loads(self._bytes[start:end].decode("utf-8", "surrogatepass")))
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedIndexError(
                f"{self._path}:{row + 1} is not as written ({error}); {REMEDY}"
            ) from error


def starts_file(path: Path) -> Path:
    """Returns the file that says where the lines of `path` start."""
    return path.with_suffix(".starts.npy")

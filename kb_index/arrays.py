"""NumPy arrays on disk that every process of a machine shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb_index.errors import REMEDY, DamagedIndexError


def map_array(path: Path) -> NDArray[Any]:
    """Returns the array of an ``.npy`` file, memory-mapped and read-only.

    Raises:
        DamagedIndexError: the file is no such array.
    """
    try:
        mapped = np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError) as error:
        raise DamagedIndexError(f"{path} cannot be read as an array ({error}); {REMEDY}") from error
    return mapped.view(np.ndarray)


def create_array(path: Path, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """Returns a new array that is written to an ``.npy`` file while it is filled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=shape)


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Writes `array` to an ``.npy`` file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array, allow_pickle=False)

"""Vectors stored in four or eight bits a number, one scale a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

BITS = (4, 8)


@dataclass(frozen=True)
class VectorTable:
    """Quantised rows.

    Attributes:
        codes: ``(n, dim) int8``, within ±7 or ±127.
        scales: ``(n,) float32``; ``codes * scale`` is the vector.
        bits: of a number when saved.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    bits: int = 8

    def __post_init__(self) -> None:
        if self.bits not in BITS or (self.bits == 4 and self.codes.shape[1] % 2):
            raise ModelError(
                f"vectors of {self.codes.shape[1]} numbers cannot be stored in {self.bits} bits: "
                "use 8, or 4 with an even dimension"
            )
        if len(self.codes) != len(self.scales):
            raise ModelError(
                f"{len(self.codes)} vectors and {len(self.scales)} scales do not belong together"
            )

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.codes.shape[1])

    def vectors(self) -> NDArray[np.float32]:
        """Returns ``(n, dim) float32``."""
        return self.codes.astype(np.float32) * self.scales[:, None]

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Returns what is saved: two four-bit numbers share a byte, the first in its upper half."""
        if self.bits == 8:
            return {"table": self.codes, "scales": self.scales}
        nibbles = (self.codes + 8).astype(np.uint8)
        return {"table": nibbles[:, ::2] << 4 | nibbles[:, 1::2], "scales": self.scales}


def unpack(tensors: Mapping[str, NDArray[Any]], bits: int) -> VectorTable:
    """Returns the table whose `VectorTable.tensors` these are.

    Raises:
        KeyError: a tensor is missing.
        ModelError: the tensors do not belong together.
    """
    table = tensors["table"]
    if bits == 4:
        codes = np.empty((table.shape[0], table.shape[1] * 2), dtype=np.int8)
        codes[:, ::2] = (table >> 4).astype(np.int8) - 8
        codes[:, 1::2] = (table & 15).astype(np.int8) - 8
        table = codes
    return VectorTable(table, tensors["scales"], bits)


def quantize_rows(vectors: NDArray[np.float32], bits: int = 8) -> VectorTable:
    """Returns the table whose vectors are nearest to ``(n, dim)`` `vectors`, row by row scaled to the range."""
    top = 2 ** (bits - 1) - 1
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / top
    codes = np.rint(vectors / scales[:, None]).astype(np.int8)
    return VectorTable(codes, scales.astype(np.float32), bits)

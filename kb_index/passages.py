"""Passages through the encoder, with the promises of an encoder checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb_index.errors import UnusableInputError
from kb_index.vectors import check_unit
from models.encoder import Encoder, TextKind

BATCH = 256


def embed_passages(passages: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """Returns ``(n, dim) float32`` with unit rows; a passage without a known token gives a zero row.

    Raises:
        UnusableInputError: the encoder gives another shape, or other rows.
    """
    found = encoder.encode(passages, TextKind.PASSAGE)
    if found.shape != (len(passages), encoder.dim):
        raise UnusableInputError(
            f"encoder {encoder.id!r} gave vectors of the shape {found.shape} for {len(passages)} texts, "
            f"not {(len(passages), encoder.dim)}"
        )
    check_unit(found)
    return found

"""What an encoder is, and how one is opened from a line of configuration."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

ENCODERS_DIR = Path(__file__).parent / "encoders"
DEFAULT_ENCODER = "firstline-static"


class TextKind(StrEnum):
    """Which side of a search a text is; some encoders want a prefix for it."""

    QUERY = "query"
    PASSAGE = "passage"


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their cosine similarity."""

    @property
    def id(self) -> str:
        """Name and revision; two encoders with one id give the same vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        """Returns ``(n, dim) float32`` with unit rows; text without a known token gives a zero row."""
        ...


def open_encoder(reference: str = DEFAULT_ENCODER) -> Encoder:
    """Returns the encoder named by `reference`.

    Args:
        reference: the name of a shipped encoder (``models/encoders/<name>``), a folder of ours or of
            sentence-transformers, or a hub id such as ``intfloat/multilingual-e5-small``.

    Raises:
        ModelError: nothing of that name can be loaded.
    """
    from models.static_encoder import StaticEncoder, is_static_encoder

    for folder in (ENCODERS_DIR / reference, Path(reference)):
        if is_static_encoder(folder):
            return StaticEncoder.load(folder)
    from models.transformer_encoder import TransformerEncoder

    return TransformerEncoder.load(reference)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns `vectors` with every row divided by its Euclidean length; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def check_texts(texts: Sequence[str]) -> None:
    """Refuses a single string, which would be read as one text a character.

    Raises:
        ModelError: `texts` is a string.
    """
    if isinstance(texts, str):
        raise ModelError("encode takes a sequence of texts, not one string: pass [text]")


def readable(text: str) -> str:
    """Returns `text` with a question mark for each half of a surrogate pair, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")

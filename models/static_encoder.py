"""A static multilingual encoder: one int8 vector a token, mean-pooled.

The student of a distillation across translation pairs (Reimers and Gurevych 2020) in the form of
model2vec: no layer is run, so a text costs microseconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix

from models.encoder import TextKind, check_texts, unit_rows
from models.errors import ModelError
from models.token_counts import count_tokens

CONFIG_FILE = "encoder.json"
TOKENIZER_FILE = "tokenizer.model"
TABLE_FILE = "table.safetensors"
MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class StaticEncoderConfig:
    """What stands in ``encoder.json``.

    Attributes:
        kind: always ``static``.
        revision: hash of tokenizer and table.
        languages: ISO 639-1 codes it was trained on.
    """

    kind: str
    name: str
    revision: str
    dim: int
    vocabulary: int
    languages: tuple[str, ...]


class StaticEncoder:
    """Token vectors and their tokenizer."""

    def __init__(
        self,
        name: str,
        tokenizer_model: bytes,
        table: NDArray[np.int8],
        scales: NDArray[np.float32],
        languages: tuple[str, ...],
    ) -> None:
        self.name = name
        self.languages = languages
        self.tokenizer_model = tokenizer_model
        self.table = table
        self.scales = scales
        self.tokenizer = sentencepiece.SentencePieceProcessor(model_proto=tokenizer_model)
        if self.tokenizer.get_piece_size() != len(table) or len(table) != len(scales):
            raise ModelError(
                f"the encoder {name!r} has {self.tokenizer.get_piece_size()} tokens but {len(table)} vectors "
                f"and {len(scales)} scales: its files do not belong together"
            )

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.table.shape[1])

    @cached_property
    def revision(self) -> str:
        """Hash of tokenizer, table and scales."""
        digest = hashlib.sha256(self.tokenizer_model)
        digest.update(np.ascontiguousarray(self.table).tobytes())
        digest.update(np.ascontiguousarray(self.scales).tobytes())
        return digest.hexdigest()[:12]

    @property
    def id(self) -> str:
        """Name and revision."""
        return f"{self.name}@{self.revision}"

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:  # noqa: ARG002
        """Returns ``(n, dim) float32`` with unit rows; text without a known token gives a zero row."""
        check_texts(texts)
        return self.pool(count_tokens(self.tokenize(texts), self.size))

    @property
    def size(self) -> int:
        """Number of tokens."""
        return len(self.table)

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Returns the token ids of each text; half a surrogate pair counts as a question mark."""
        readable = [text[:MAX_CHARACTERS].encode("utf-8", "replace") for text in texts]
        ids: list[list[int]] = self.tokenizer.encode(readable, num_threads=1)
        return ids

    def pool(self, counts: csr_matrix) -> NDArray[np.float32]:
        """Returns ``(n, dim) float32`` unit rows: the mean token vector of each text.

        Args:
            counts: as `models.token_counts.count_tokens` gives them; their scale does not matter.
        """
        return unit_rows(np.asarray(counts @ self.vectors, dtype=np.float32))

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The token vectors, ``(size, dim) float32``."""
        return self.table.astype(np.float32) * self.scales[:, None]

    def save(self, folder: Path) -> None:
        """Writes tokenizer, table and configuration to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        config = StaticEncoderConfig(
            "static", self.name, self.revision, self.dim, len(self.table), self.languages
        )
        (folder / TOKENIZER_FILE).write_bytes(self.tokenizer_model)
        save_file({"table": self.table, "scales": self.scales}, folder / TABLE_FILE)
        (folder / CONFIG_FILE).write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """Returns the encoder saved in `folder`.

        Raises:
            ModelError: a file is missing or damaged, or tokenizer and table have changed since saving.
        """
        try:
            config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
            tensors = load_file(folder / TABLE_FILE)
            encoder = cls(
                config["name"],
                (folder / TOKENIZER_FILE).read_bytes(),
                tensors["table"],
                tensors["scales"],
                tuple(config["languages"]),
            )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"{folder} is not a complete static encoder: {error}") from error
        if encoder.revision != config["revision"]:
            raise ModelError(
                f"{folder}: the files hash to {encoder.revision} but {CONFIG_FILE} says {config['revision']}; "
                "restore them, or train again with 'firstline train encoder'"
            )
        return encoder


def is_static_encoder(folder: Path) -> bool:
    """Returns whether `folder` holds an encoder written by `StaticEncoder.save`."""
    return (folder / CONFIG_FILE).is_file()


def quantize_rows(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Returns ``(n, dim) int8`` codes and ``(n,) float32`` scales with ``codes * scale ~ vectors``."""
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / 127
    codes = np.rint(vectors / scales[:, None]).astype(np.int8)
    return codes, scales.astype(np.float32)

"""A static multilingual encoder: one vector a token and a frequent token pair, mean-pooled.

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

from models.bigrams import Bigrams, no_bigrams
from models.encoder import TextKind, check_texts, unit_rows
from models.errors import ModelError
from models.token_counts import count_tokens
from models.vector_table import VectorTable, unpack

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
        vocabulary: number of tokens; `bigrams` that of token pairs.
        bits: of a number in the table.
        languages: ISO 639-1 codes it was trained on.
    """

    kind: str
    name: str
    revision: str
    dim: int
    vocabulary: int
    bigrams: int
    bits: int
    languages: tuple[str, ...]


class StaticEncoder:
    """Token vectors and their tokenizer."""

    def __init__(
        self,
        name: str,
        tokenizer_model: bytes,
        table: VectorTable,
        languages: tuple[str, ...],
        bigrams: Bigrams | None = None,
    ) -> None:
        self.name = name
        self.languages = languages
        self.tokenizer_model = tokenizer_model
        self.table = table
        self.tokenizer = sentencepiece.SentencePieceProcessor(model_proto=tokenizer_model)
        self.bigrams = no_bigrams(self.tokenizer.get_piece_size()) if bigrams is None else bigrams
        if self.tokenizer.get_piece_size() != self.bigrams.vocabulary or self.size != len(table):
            raise ModelError(
                f"the encoder {name!r} has {self.tokenizer.get_piece_size()} tokens and {len(self.bigrams)} pairs "
                f"but {len(table)} vectors: its files do not belong together"
            )

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.table.dim

    @cached_property
    def revision(self) -> str:
        """Hash of tokenizer, table, scales and pairs."""
        digest = hashlib.sha256(self.tokenizer_model)
        for part in (self.table.codes, self.table.scales, self.bigrams.pairs):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()[:12]

    @property
    def id(self) -> str:
        """Name and revision."""
        return f"{self.name}@{self.revision}"

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:  # noqa: ARG002
        """Returns ``(n, dim) float32`` with unit rows; text without a known token gives a zero row."""
        check_texts(texts)
        return self.pool(self.count(self.tokenize(texts)))

    @property
    def size(self) -> int:
        """Number of vectors: tokens and pairs."""
        return self.bigrams.width

    def count(self, tokens: Sequence[Sequence[int]]) -> csr_matrix:
        """Returns ``(n, size)`` counts of tokens and pairs, of what `tokenize` gave."""
        return count_tokens(tokens, self.bigrams)

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Returns the token ids of each text; half a surrogate pair counts as a question mark."""
        readable = [text[:MAX_CHARACTERS].encode("utf-8", "replace") for text in texts]
        ids: list[list[int]] = self.tokenizer.encode(readable, num_threads=1)
        return ids

    def pool(self, counts: csr_matrix) -> NDArray[np.float32]:
        """Returns ``(n, dim) float32`` unit rows: the mean token vector of each text.

        Args:
            counts: as `count` gives them; their scale does not matter.
        """
        return unit_rows(np.asarray(counts @ self.vectors, dtype=np.float32))

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors of tokens and pairs, ``(size, dim) float32``."""
        return self.table.vectors()

    def save(self, folder: Path) -> None:
        """Writes tokenizer, table and configuration to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        config = StaticEncoderConfig(
            kind="static",
            name=self.name,
            revision=self.revision,
            dim=self.dim,
            vocabulary=self.bigrams.vocabulary,
            bigrams=len(self.bigrams),
            bits=self.table.bits,
            languages=self.languages,
        )
        (folder / TOKENIZER_FILE).write_bytes(self.tokenizer_model)
        save_file({**self.table.tensors(), "bigrams": self.bigrams.pairs}, folder / TABLE_FILE)
        (folder / CONFIG_FILE).write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """Returns the encoder saved in `folder`; one of the first form has eight bits and no pairs.

        Raises:
            ModelError: a file is missing or damaged, or tokenizer and table have changed since saving.
        """
        try:
            config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
            tensors = load_file(folder / TABLE_FILE)
            encoder = cls(
                config["name"],
                (folder / TOKENIZER_FILE).read_bytes(),
                unpack(tensors, config.get("bits", 8)),
                tuple(config["languages"]),
                Bigrams(tensors["bigrams"], config["vocabulary"]) if "bigrams" in tensors else None,
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

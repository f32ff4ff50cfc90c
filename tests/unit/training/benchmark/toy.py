"""A set of three wishes in three languages, and a reader that trains on it in a second."""

from __future__ import annotations

import json
from pathlib import Path

from data.public_sets import LabelledText
from tests.unit.models.tiny import tiny_encoder
from tests.unit.training.toy import WISHES
from training.benchmark.embedding_view import EmbeddingConfig
from training.benchmark.fitting import BenchmarkConfig
from training.benchmark.texts import TextReader
from training.token_view import TokenViewConfig

TOKENS = TokenViewConfig(epochs=12, batch_size=16, rate=0.02, output_rate=0.05, dropout=0.1, seeds=(13,))
CONFIG = BenchmarkConfig(network=EmbeddingConfig(hidden=32, least_steps=300), tokens=TOKENS, held_out=30)


def toy_rows(copies: int = 4) -> list[LabelledText]:
    return [
        LabelledText(f"{text}{mark}", topic, str(language))
        for (topic, language), texts in WISHES.items()
        for text in texts
        for mark in ("", "!", " ?", "…")[:copies]
    ]


def toy_reader() -> TextReader:
    encoder = tiny_encoder()
    return TextReader(encoder, encoder)


def write_rows(path: Path, rows: list[LabelledText]) -> None:
    lines = (json.dumps({"text": row.text, "label": row.label}, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")

"""Trains a multilingual encoder: text → teacher → (vocabulary →) student → files and figures.

Every step leaves its output under the working folder, so a run that is started again goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.schema import Language
from models.encoder import Encoder
from models.static_encoder import StaticEncoder
from models.transformer_encoder import TransformerEncoder
from models.vector_table import quantize_rows
from training import teacher
from training.distillation import StudentSize, distil
from training.encoder_config import CONFIG_FILE, EncoderConfig, write_config
from training.encoder_rows import Text, build_rows
from training.own_text import OwnText, read_own_text
from training.parallel_text import (
    read_article_pairs,
    read_corpus_english,
    read_english,
    read_pairs,
)
from training.tokenizer import read_tokenizer, train_tokenizer
from training.transformer_student import StudentKind, StudentText, train_student

log = logging.getLogger(__name__)


def train_encoder(config: EncoderConfig) -> StaticEncoder | TransformerEncoder:
    """Trains, saves and returns the encoder of `config`.

    Raises:
        DataError: there is no parallel text.
        TrainingError: the teacher cannot be loaded.
    """
    config.work.mkdir(parents=True, exist_ok=True)
    text = read_text(config)
    log.info("%d pairs, %d sentences for the teacher", len(text.pairs), len(text.taught))
    goals = teacher.embed(text.taught, config.teacher, config.work / "teacher")
    if config.student is StudentKind.TRANSFORMER:
        read = StudentText(text.taught, goals, text.pairs)
        encoder: StaticEncoder | TransformerEncoder = train_student(
            read, config.transformer, config.work, config.output
        )
    else:
        encoder = _train_static(text, goals, config)
    write_config(config, config.output / CONFIG_FILE)
    return encoder


def _train_static(text: Text, vectors: NDArray[np.float32], config: EncoderConfig) -> StaticEncoder:
    tokenizer = _tokenizer(text, config)
    goals = teacher.reduce(vectors, config.distillation.dim)
    rows, bigrams = build_rows(text, tokenizer, config)
    log.info("%d rows, %d token pairs", len(rows.left), len(bigrams))
    state = config.work / f"student-{_digest(tokenizer, config)}.pt"
    size = StudentSize(bigrams.vocabulary, len(bigrams))
    table = quantize_rows(distil(rows, goals, size, config.distillation, state), config.bits)
    encoder = StaticEncoder(config.name, tokenizer, table, tuple(Language), bigrams)
    encoder.save(config.output)
    return encoder


def read_text(config: EncoderConfig) -> Text:
    """Returns everything that is read; the teacher's share is filled with own and support-like text first."""
    own = OwnText([], [], None) if config.own is None else read_own_text(config.own)
    pairs = [*read_pairs(config.parallel, config.corpus), *own.pairs]
    if own.corpus is not None and (own.corpus / "articles").is_dir():
        pairs.extend(read_article_pairs(own.corpus / "articles"))
    singles = [row.text for row in own.plain if row.language == Language.EN]
    singles += [] if own.corpus is None else read_corpus_english(own.corpus)
    singles = list(dict.fromkeys([*singles, *read_english(config.parallel, config.corpus)]))
    first = dict.fromkeys([*singles, *(pair.english for pair in pairs if pair.support)])
    rest = sorted({pair.english for pair in pairs} - set(first), key=_shuffle_key)
    return Text(
        pairs,
        singles,
        taught=[*first, *rest][: config.taught],
        plain=[row for row in own.plain if row.language != Language.EN],
    )


def bitext_accuracy(encoder: Encoder, path: Path) -> dict[str, float]:
    """Returns accuracy@1 of finding the English side, by language, on held-out pairs.

    Args:
        encoder: the encoder to measure.
        path: a file of language, English, other and source, tab-separated.
    """
    rows = [line.rstrip("\n").split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    figures: dict[str, float] = {}
    for language in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == language]
        english = sorted({row[1] for row in own})
        similarity = encoder.encode([row[2] for row in own]) @ encoder.encode(english).T
        found = [english[i] == row[1] for i, row in zip(similarity.argmax(1), own, strict=True)]
        figures[language] = float(np.mean(found))
    return figures


def _tokenizer(text: Text, config: EncoderConfig) -> bytes:
    if config.tokenizer is not None:
        return read_tokenizer(config.tokenizer)
    sample = _vocabulary_text(text)
    digest = hashlib.sha256("\x00".join([str(config.vocabulary), *sample]).encode()).hexdigest()[:12]
    path = config.work / f"tokenizer-{digest}.model"
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_bytes(train_tokenizer(sample, config.vocabulary, config.distillation.seed))
        partial.replace(path)
    return path.read_bytes()


def _vocabulary_text(text: Text, per_language: int = 90_000) -> list[str]:
    """Returns about the same number of texts a language, the support-like ones first."""
    sample = list(dict.fromkeys([*text.singles, *text.taught]))[: per_language * 2]
    for language in sorted({pair.language for pair in text.pairs}):
        own = [pair for pair in text.pairs if pair.language == language]
        ordered = sorted(own, key=lambda pair: not pair.support)
        plain = [row.text for row in text.plain if row.language == language]
        sample.extend(list(dict.fromkeys([*plain, *(pair.other for pair in ordered)]))[:per_language])
    return sample


def _shuffle_key(text: str) -> str:
    """Orders texts at random, each at the same place whatever stands beside it, so that caches serve."""
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(tokenizer: bytes, config: EncoderConfig) -> str:
    """Names a run's checkpoint: whatever changes the rows or the training changes the name."""
    settings = {
        key: str(value) for key, value in asdict(config).items() if key not in {"work", "output", "name"}
    }
    return hashlib.sha256(tokenizer + json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]

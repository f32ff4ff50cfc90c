"""Trains the static multilingual encoder: text → vocabulary → teacher → student → files and figures.

Every step leaves its output under the working folder, so a run that is started again goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from data.schema import Language
from data.taxonomy import CORPUS_DIR
from models.encoder import DEFAULT_ENCODER, ENCODERS_DIR
from models.static_encoder import StaticEncoder, quantize_rows
from training import teacher
from training.distillation import IGNORED, DistillationConfig, TokenizedPairs, distil
from training.parallel_text import Pair, read_english, read_pairs
from training.tokenizer import train_tokenizer

log = logging.getLogger(__name__)
ACCENTED = frozenset({"es", "fr", "de"})


@dataclass(frozen=True)
class EncoderConfig:
    """What ``firstline train encoder`` is told.

    Attributes:
        parallel: folder of the parallel text, see `training.parallel_text`.
        corpus: a shipped corpus whose articles and tickets join in; None leaves them out.
        work: where intermediate results are kept.
        output: where the finished encoder is written.
        taught: at most this many English sentences are shown to the teacher.
        accent_share: share of the Spanish, French and German sides whose accents are stripped.
        support_weight: how much more often a help-desk text is drawn than general prose.
    """

    parallel: Path
    corpus: Path | None = CORPUS_DIR
    work: Path = Path("var/encoder")
    output: Path = ENCODERS_DIR / DEFAULT_ENCODER
    name: str = DEFAULT_ENCODER
    teacher: str = teacher.DEFAULT_TEACHER
    vocabulary: int = 50_000
    taught: int = 190_000
    accent_share: float = 0.15
    support_weight: float = 2.0
    distillation: DistillationConfig = field(default_factory=DistillationConfig)


@dataclass(frozen=True)
class Text:
    """The text of a run: pairs, and the English sentences the teacher reads."""

    pairs: list[Pair]
    singles: list[str]
    taught: list[str]


def train_encoder(config: EncoderConfig) -> StaticEncoder:
    """Trains, saves and returns the encoder of `config`.

    Raises:
        DataError: there is no parallel text.
        TrainingError: the teacher cannot be loaded.
    """
    config.work.mkdir(parents=True, exist_ok=True)
    text = read_text(config)
    log.info("%d pairs, %d sentences for the teacher", len(text.pairs), len(text.taught))
    tokenizer = _tokenizer(text, config)
    goals = teacher.reduce(
        teacher.embed(text.taught, config.teacher, config.work / "teacher"), config.distillation.dim
    )
    rows = _tokenize(text, tokenizer, config)
    vocabulary = sentencepiece.SentencePieceProcessor(model_proto=tokenizer).get_piece_size()
    state = config.work / f"student-{_digest(tokenizer, config)}.pt"
    codes, scales = quantize_rows(distil(rows, goals, vocabulary, config.distillation, state))
    encoder = StaticEncoder(config.name, tokenizer, codes, scales, tuple(Language))
    encoder.save(config.output)
    return encoder


def read_text(config: EncoderConfig) -> Text:
    """Returns pairs and single sentences; the teacher's share is filled with support-like text first."""
    pairs = read_pairs(config.parallel, config.corpus)
    singles = read_english(config.parallel, config.corpus)
    first = dict.fromkeys(singles)
    first.update(dict.fromkeys(pair.english for pair in pairs if pair.support))
    rest = sorted({pair.english for pair in pairs} - set(first), key=_shuffle_key)
    return Text(pairs, singles, [*first, *rest][: config.taught])


def bitext_accuracy(encoder: StaticEncoder, path: Path) -> dict[str, float]:
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
        sample.extend(list(dict.fromkeys(pair.other for pair in ordered))[:per_language])
    return sample


def _tokenize(text: Text, tokenizer: bytes, config: EncoderConfig) -> TokenizedPairs:
    processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer)
    random = np.random.default_rng(config.distillation.seed)
    others = [
        _strip_accents(pair.other)
        if pair.language in ACCENTED and random.random() < config.accent_share
        else pair.other
        for pair in text.pairs
    ]
    left = _encode(processor, [*(pair.english for pair in text.pairs), *text.taught])
    right = [*_encode(processor, others), *left[len(text.pairs) :]]
    position = {sentence: row for row, sentence in enumerate(text.taught)}
    target = [position.get(pair.english, IGNORED) for pair in text.pairs] + list(range(len(text.taught)))
    weights = _weights(text, config)
    kept = [i for i in range(len(left)) if len(left[i]) and len(right[i])]
    return TokenizedPairs(
        [left[i] for i in kept],
        [right[i] for i in kept],
        np.array(target, dtype=np.int64)[kept],
        weights[kept],
    )


def _weights(text: Text, config: EncoderConfig) -> NDArray[np.float64]:
    """Languages weigh the same; support-like text weighs more than prose; half a language's for English."""
    raw = np.array([config.support_weight if pair.support else 1.0 for pair in text.pairs])
    totals: Counter[str] = Counter()
    for pair, weight in zip(text.pairs, raw, strict=True):
        totals[pair.language] += weight
    balanced = [weight / totals[pair.language] for pair, weight in zip(text.pairs, raw, strict=True)]
    singles = np.full(len(text.taught), 0.5 / max(1, len(text.taught)))
    return np.concatenate([balanced, singles])


def _encode(processor: sentencepiece.SentencePieceProcessor, texts: Sequence[str]) -> list[NDArray[np.int32]]:
    return [np.array(ids[:256], dtype=np.int32) for ids in processor.encode(list(texts), num_threads=2)]


def _strip_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


def _shuffle_key(text: str) -> str:
    """Orders texts at random, each at the same place whatever stands beside it, so that caches serve."""
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(tokenizer: bytes, config: EncoderConfig) -> str:
    settings = json.dumps(asdict(config.distillation), sort_keys=True)
    return hashlib.sha256(tokenizer + settings.encode()).hexdigest()[:12]

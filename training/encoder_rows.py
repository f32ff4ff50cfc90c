"""Turns the text of a run into rows of token ids: noisy sides, hard negatives, pairs of tokens, weights."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from data.schema import Language
from models.bigrams import Bigrams
from training.bigram_choice import choose_bigrams
from training.distillation import IGNORED, TrainingRows
from training.encoder_config import EncoderConfig
from training.noise import roughen
from training.opposites import without_negation
from training.own_text import PlainText
from training.parallel_text import Pair
from training.ragged import Ragged, ragged

ENGLISH_WEIGHT = 0.5
"""Single English texts are drawn half as often as the pairs of one language."""


@dataclass(frozen=True)
class Text:
    """The text of a run.

    Attributes:
        pairs: translations.
        singles: English texts, those most like support first.
        taught: English texts that the teacher reads.
        plain: texts of other languages without a translation.
    """

    pairs: list[Pair]
    singles: list[str]
    taught: list[str]
    plain: list[PlainText]


def build_rows(text: Text, tokenizer: bytes, config: EncoderConfig) -> tuple[TrainingRows, Bigrams]:
    """Returns the rows of `text`, and the token pairs chosen from them."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer)
    source = random.Random(config.distillation.seed)
    sides = _Sides(text, config, source)
    tokens = [_encode(processor, side) for side in (sides.left, sides.right, *sides.opposites)]
    kept = np.flatnonzero((tokens[0].lengths > 0) & (tokens[1].lengths > 0))
    tokens = [side.take(kept) for side in tokens]
    languages = sides.languages[kept]
    by_language = {code: tokens[1].take(np.flatnonzero(languages == code)) for code in sorted(set(languages))}
    bigrams = choose_bigrams(by_language, config.bigrams, processor)
    left, right, left_opposite, right_opposite = (_with_pairs(side, bigrams) for side in tokens)
    rows = TrainingRows(
        left,
        right,
        left_opposite,
        right_opposite,
        target=_targets(text)[kept],
        weights=_weights(text, config)[kept],
    )
    return rows, bigrams


class _Sides:
    """The texts of every row: pairs, then what the teacher reads, then plain texts."""

    def __init__(self, text: Text, config: EncoderConfig, source: random.Random) -> None:
        pairs, taught, plain = text.pairs, text.taught, text.plain
        english = [*(pair.english for pair in pairs), *taught]
        own = [row.text for row in plain]
        codes = [*(pair.language for pair in pairs), *(Language.EN.value for _ in taught)]
        codes += [row.language for row in plain]
        left_codes = [Language.EN] * len(english) + [Language(row.language) for row in plain]
        right_codes = [Language(code) for code in codes]
        lefts = [*english, *own]
        rights = [*(pair.other for pair in pairs), *taught, *own]
        self.languages: NDArray[np.str_] = np.array(codes)
        self.opposites = (
            _opposites(lefts, left_codes),
            _opposites(rights, right_codes),
        )
        self.left = _noisy(lefts, left_codes, config.noise_share / 2, source)
        self.right = _noisy(rights, right_codes, config.noise_share, source)


def _noisy(
    texts: Sequence[str], languages: Sequence[Language], share: float, source: random.Random
) -> list[str]:
    return [
        roughen(text, language, source) if source.random() < share else text
        for text, language in zip(texts, languages, strict=True)
    ]


def _opposites(texts: Sequence[str], languages: Sequence[Language]) -> list[str]:
    """Returns a hard negative for every text with a negation; empty for the rest."""
    return [without_negation(text, language) or "" for text, language in zip(texts, languages, strict=True)]


def _encode(processor: sentencepiece.SentencePieceProcessor, texts: Sequence[str]) -> Ragged:
    return ragged(processor.encode(list(texts), num_threads=2))


def _with_pairs(texts: Ragged, bigrams: Bigrams) -> Ragged:
    return Ragged(*bigrams.append(texts.flat, texts.lengths))


def _targets(text: Text) -> NDArray[np.int64]:
    position = {sentence: row for row, sentence in enumerate(text.taught)}
    of_pairs = [position.get(pair.english, IGNORED) for pair in text.pairs]
    return np.array([*of_pairs, *range(len(text.taught)), *(IGNORED for _ in text.plain)], dtype=np.int64)


def _weights(text: Text, config: EncoderConfig) -> NDArray[np.float64]:
    """Languages weigh the same; support-like and own text weighs more than prose."""
    raw: list[float] = [config.support_weight if pair.support else 1.0 for pair in text.pairs]
    languages = [pair.language for pair in text.pairs] + [row.language for row in text.plain]
    raw += [config.support_weight] * len(text.plain)
    totals: dict[str, float] = defaultdict(float)
    for language, weight in zip(languages, raw, strict=True):
        totals[language] += weight
    balanced = [weight / totals[language] for language, weight in zip(languages, raw, strict=True)]
    singles = [ENGLISH_WEIGHT / len(text.taught)] * len(text.taught)
    return np.array([*balanced[: len(text.pairs)], *singles, *balanced[len(text.pairs) :]])

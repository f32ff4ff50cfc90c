"""Words that say what a group of texts is about."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from data.schema import Language

LATIN = re.compile(r"[^\W\d_]{4,}")
KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
HAN = re.compile("[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{2,}")
LONGEST_HAN = 4
FEWEST_TEXTS = 3
"""A word of fewer texts of the language is left out: it may be somebody's name."""
LEAST_Z = 1.5
LEAST_COSINE = 0.15

Nearness = Callable[[Sequence[str]], NDArray[np.float32]]
"""Returns ``(n,)`` cosines of words with the middle of the group."""


def words_of(text: str, language: str) -> frozenset[str]:
    """Returns the words of a text; of Chinese and Japanese script, words of katakana and all pieces of Han runs."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if language not in {Language.JA, Language.ZH}:
        return frozenset(LATIN.findall(plain))
    pieces = (piece for run in HAN.findall(plain) for piece in _pieces(run))
    return frozenset((*KATAKANA.findall(plain), *pieces))


def distinctive_words(
    group: Sequence[Set[str]], everything: Counter[str], texts: int, nearness: Nearness, most: int = 4
) -> list[str]:
    """Returns the words that are both more frequent in the group than elsewhere and near to its meaning.

    Frequency is judged by the log odds over their standard error (Monroe et al. 2008). Alone, it would bring up
    the turns of phrase of a group of long letters; nearness alone, words that nobody of the group uses.

    Args:
        group: the words of each text of the group.
        everything: in how many texts of the language, the group's among them, each word is.
        texts: of the language, the group's among them.
        nearness: says how near words are to what the group is about.
        most: words to return, none within another.
    """
    inside = Counter(word for words in group for word in words)
    scores = {
        word: _log_odds(count, len(group), everything[word], texts)
        for word, count in inside.items()
        if count >= 2 and everything[word] >= FEWEST_TEXTS
    }
    candidates = sorted(word for word, score in scores.items() if score >= LEAST_Z)
    if not candidates:
        return []
    near = dict(zip(candidates, nearness(candidates).tolist(), strict=True))
    ordered = sorted(
        (word for word in candidates if near[word] >= LEAST_COSINE),
        key=lambda word: (-scores[word] * near[word], word),
    )
    chosen: list[str] = []
    for word in ordered:
        if len(chosen) < most and not any(word in other or other in word for other in chosen):
            chosen.append(word)
    return chosen


def _pieces(run: str) -> list[str]:
    longest = min(LONGEST_HAN, len(run))
    return [run[i : i + size] for size in range(2, longest + 1) for i in range(len(run) - size + 1)]


def _log_odds(inside: int, group: int, everywhere: int, texts: int) -> float:
    """Returns the log odds ratio over its standard error, with half a text added to every count."""
    table = (inside, group - inside, everywhere - inside, texts - group - (everywhere - inside))
    a, b, c, d = (max(0, count) + 0.5 for count in table)
    return (math.log(a / b) - math.log(c / d)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)

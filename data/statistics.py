"""How alike texts are: the measure that keeps the corpus from being slot-filled."""

from __future__ import annotations

import re
import unicodedata

from data.schema import Language

GRAM = {Language.JA: 2, Language.ZH: 2}


def character_grams(text: str, language: Language) -> frozenset[str]:
    """Returns the character 4-grams of `text` (2-grams in Japanese and Chinese), NFKC and lower case."""
    size = GRAM.get(language, 4)
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
    return frozenset(folded[i : i + size] for i in range(max(1, len(folded) - size + 1)))


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """Returns the share of common elements among all, in [0, 1]."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0

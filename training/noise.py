"""What customers do to text: slips of the finger, no accents, no punctuation."""

from __future__ import annotations

import random
import re

from data.augment import EASTERN, add_typos, strip_accents
from data.schema import Language

MARKS = re.compile(r"[、。，！？；：,.!?;:]")


def roughen(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` with typing errors or, in a third of the cases, without accents or punctuation."""
    if source.random() < 1 / 3:
        plain = MARKS.sub(" ", text) if language in EASTERN else strip_accents(text, language, source)
        return plain if plain.strip() else text
    changed = text
    for _ in range(3):
        if changed == text:
            changed = add_typos(text, language, source)
    return changed if changed.strip() else text

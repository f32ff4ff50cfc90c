"""How a text looks, whatever it says: length, capitals, marks, emoji."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ]")
LETTER = re.compile(r"[^\W\d_]")
EMOJI = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]")
SIZE = 6
READ_CHARACTERS = 4_000


def surface_features(texts: Sequence[str]) -> NDArray[np.float32]:
    """Returns ``(n, 6) float32`` in about [0, 1]: length, capitals, ``!``, ``?``, emoji, line breaks."""
    rows = [_row(text[:READ_CHARACTERS]) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(len(texts), SIZE)


def _row(text: str) -> tuple[float, ...]:
    letters = len(LETTER.findall(text))
    return (
        math.log1p(len(text)) / 8,
        len(CAPITAL.findall(text)) / max(1, letters),
        math.log1p(text.count("!") + text.count("！")) / 2,
        math.log1p(text.count("?") + text.count("？")) / 2,
        math.log1p(len(EMOJI.findall(text))) / 2,
        math.log1p(text.count("\n")) / 3,
    )

"""Short phrases that say little but how somebody feels or how pressed they are: training text for tone.

Tickets teach the models what customers want; their tone rides along. These teach what *not happy*, *no complaints* or
*no rush* mean by themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError
from data.schema import Language, Sentiment
from data.taxonomy import CORPUS_DIR

TONE_DIR = CORPUS_DIR / "tone"


@dataclass(frozen=True, slots=True)
class TonePhrase:
    """One phrase with its tone; it has no topic."""

    language: Language
    text: str
    sentiment: Sentiment
    urgent: bool


def load_tone(folder: Path = TONE_DIR) -> list[TonePhrase]:
    """Returns the phrases of every ``<language>.jsonl`` in `folder`; none where there is no folder.

    Raises:
        DataError: a row is not a phrase; the message has file and line.
    """
    phrases = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                tone = Sentiment(row["sentiment"])
                phrases.append(TonePhrase(Language(path.stem), row["text"], tone, bool(row["urgent"])))
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{path}:{number}: not a tone phrase: {error}") from error
    return phrases

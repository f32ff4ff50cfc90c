"""Sentence pairs: English and its translation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError
from data.json_lines import read_objects, text_of


@dataclass(frozen=True, slots=True)
class SentencePair:
    """One pair.

    Attributes:
        english: the English side; `text` the other.
        language: of `text`, ISO 639-1; empty where the file does not say.
    """

    english: str
    text: str
    language: str = ""


def load_pairs(path: Path) -> list[SentencePair]:
    """Returns the pairs of a file of JSON lines ``{"en", "text"}``, with or without ``language``.

    Raises:
        DataError: the file holds no pair, or a row is not one; the message has file and line.
    """
    pairs = [
        SentencePair(text_of(row, "en", where), text_of(row, "text", where), str(row.get("language") or ""))
        for where, row in read_objects(path)
    ]
    if not pairs:
        raise DataError(f'{path}: no pair; rows are {{"en": …, "text": …}}')
    return pairs

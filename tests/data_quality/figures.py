"""Reads the numbers of a text, however a language writes them."""

from __future__ import annotations

import re
import unicodedata

ARTICLE_ID = re.compile(r"\bKB\d+")
FULL_HOUR = re.compile(r"(\d)[:hH]00\b")
FULL_HOUR_EAST = re.compile(r"(\d)\s?[时時]\s?(?:00分?)?")
THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,](?=\d{3}(?!\d))")
DECIMAL_COMMA = re.compile(r"(\d),(\d)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def figures(text: str) -> set[float]:
    """Returns the numbers in `text`: 14:00, 14 h and 14時 are 14; 4,90 and 4.90 are 4.9."""
    plain = ARTICLE_ID.sub("", unicodedata.normalize("NFKC", text))
    plain = FULL_HOUR_EAST.sub(r"\1 ", FULL_HOUR.sub(r"\1", plain))
    plain = DECIMAL_COMMA.sub(r"\1.\2", THOUSANDS.sub("", plain))
    return {float(number) for number in NUMBER.findall(plain)}

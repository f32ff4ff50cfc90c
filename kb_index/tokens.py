"""Text as the tokens that lexical search compares.

Words become character n-grams between word marks, which stand in for stemming and for the parts of German
compounds (McNamee and Mayfield 2004); runs of Chinese and Japanese script become bigrams and single Han
characters. Case, width and accents are folded, because customers drop them.
"""

from __future__ import annotations

import re
import unicodedata

WORD_GRAM = 5
KANA = "\u3040-\u30ff\u31f0-\u31ff"
HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
RUNS = re.compile(f"[{KANA}{HAN}]+|[^\\W_{KANA}{HAN}]+")
IS_SCRIPT = re.compile(f"[{KANA}{HAN}]")
IS_KANA = re.compile(f"[{KANA}]")
ACCENTS = re.compile("[\u0300-\u036f]")


def tokenize(text: str) -> list[str]:
    """Returns the tokens of `text` in order, repeated ones included; none if nothing is a letter or digit."""
    return [token for run in split_runs(text) for token in run_tokens(run)]


def split_runs(text: str) -> list[str]:
    """Returns the folded words of `text`, and its unbroken stretches of Chinese or Japanese script."""
    found: list[str] = RUNS.findall(fold(text))
    return found


def run_tokens(run: str) -> list[str]:
    """Returns the tokens of one of the `split_runs`."""
    if IS_SCRIPT.match(run):
        single = [character for character in run if len(run) == 1 or not IS_KANA.match(character)]
        return single + [run[start : start + 2] for start in range(len(run) - 1)]
    marked = f"^{run}$"
    return [marked[start : start + WORD_GRAM] for start in range(max(1, len(marked) - WORD_GRAM + 1))]


def fold(text: str) -> str:
    """Returns `text` in lower case, NFKC, without accents on Latin letters; kana keep their marks."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return unicodedata.normalize("NFKC", ACCENTS.sub("", decomposed))

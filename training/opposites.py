"""Texts that share their words with another and mean something else: hard negatives of the encoder's training.

*I am not happy* against *I am happy*, *refund the charge* against *charge the refund*: without them a bag of words
never learns to look at the pairs that tell them apart.
"""

from __future__ import annotations

import random
import re

from data.schema import Language

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SPACED = frozenset({Language.EN, Language.ES, Language.FR, Language.DE})
SWAPPED = {
    language: re.compile(r"[^\W\d_]{4,}")
    if language in SPACED
    else re.compile(r"[\u30a1-\u30fa\u30fc]{2,}|[\u4e00-\u9fff]{2,}")
    for language in (*SPACED, Language.JA)
}
"""What counts as a word that can change places; Chinese writes no borders that a pattern could find."""
# fmt: off
AFFIRMED: dict[Language, dict[str, str]] = {
    Language.EN: {
        "not": "", "never": "always", "no": "a", "without": "with", "cannot": "can", "can't": "can", "cant": "can",
        "won't": "will", "don't": "do", "dont": "do", "nothing": "something", "nobody": "somebody",
    },
    Language.ES: {"no": "", "nunca": "siempre", "jamás": "siempre", "sin": "con", "nada": "algo", "tampoco": "también"},
    Language.FR: {
        "ne": "", "pas": "", "jamais": "toujours", "sans": "avec", "aucun": "un", "aucune": "une",
        "rien": "quelque chose",
    },
    Language.DE: {
        "nicht": "", "kein": "ein", "keine": "eine", "keinen": "einen", "keiner": "einer", "keinem": "einem",
        "nie": "immer", "niemals": "immer", "ohne": "mit", "nichts": "etwas", "niemand": "jemand",
    },
}
ENDINGS: dict[Language, tuple[tuple[str, str], ...]] = {
    Language.JA: (
        ("ませんでした", "ました"), ("ません", "ます"), ("ではない", "である"), ("じゃない", "だ"), ("くない", "い"),
        ("できない", "できる"), ("なかった", "た"), ("しない", "する"), ("ない", "る"),
    ),
    Language.ZH: (("没有", "有"), ("無法", "可以"), ("无法", "可以"), ("不能", "能"), ("没", ""), ("不", ""),
        ("别", "")),
}
# fmt: on


def without_negation(text: str, language: Language) -> str | None:
    """Returns `text` with its negations turned into statements; None where it has none."""
    if language in ENDINGS:
        changed = text
        for negated, stated in ENDINGS[language]:
            changed = changed.replace(negated, stated)
    else:
        changed = WORD.sub(lambda match: _affirm(match.group(), language), text)
    return changed if changed != text and changed.strip() else None


def reordered(text: str, language: Language, source: random.Random) -> str | None:
    """Returns `text` with two words in each other's place; None where it has no two different ones."""
    if language not in SWAPPED:
        return None
    words = list(SWAPPED[language].finditer(text))
    if len(words) < 2:
        return None
    first, second = sorted(source.sample(words, 2), key=lambda match: match.start())
    if first.group().lower() == second.group().lower():
        return None
    between = text[first.end() : second.start()]
    return text[: first.start()] + second.group() + between + first.group() + text[second.end() :]


def _affirm(word: str, language: Language) -> str:
    plain = word.lower().replace("’", "'")
    if plain in AFFIRMED[language]:
        return AFFIRMED[language][plain]
    if language is Language.EN and plain.endswith("n't"):
        return word[:-3]
    if language is Language.FR and plain.startswith("n'"):
        return word[2:]
    return word

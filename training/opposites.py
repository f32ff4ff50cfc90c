"""Texts that share their words with another and mean the opposite: hard negatives of the encoder's training.

*I am not happy* against *I am happy*: without them a sum of vectors has little reason to tell the two apart.
"""

from __future__ import annotations

import re

from data.schema import Language

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
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


def _affirm(word: str, language: Language) -> str:
    plain = word.lower().replace("’", "'")
    if plain in AFFIRMED[language]:
        return AFFIRMED[language][plain]
    if language is Language.EN and plain.endswith("n't"):
        return word[:-3]
    if language is Language.FR and plain.startswith("n'"):
        return word[2:]
    return word

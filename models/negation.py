"""What a negation turns around: *happy* in *not happy* must not count as happy.

Bags of tokens do not see order (Pang et al. 2002 mark negated words for that reason). Here the words in the scope of a
negation are taken out of what the tone heads read, and are hashed under a name of their own instead.
Japanese and Chinese write no spaces and negate inside the n-grams; their text passes unchanged.
"""

from __future__ import annotations

import re

SCOPE = 3
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?¿¡\n]")
STOP = re.compile(r"[.,;:!?¿¡\n]")
# fmt: off
NEGATIONS = frozenset((
    *("not", "never", "without", "cannot", "can't", "cant", "don't", "dont", "doesn't", "doesnt", "didn't", "didnt"),
    *("isn't", "isnt", "wasn't", "wasnt", "won't", "wont", "wouldn't", "couldn't", "haven't", "hasn't", "aren't"),
    *("no", "neither", "nor", "hardly", "ni", "nunca", "jamás", "sin", "tampoco"),
    *("pas", "jamais", "sans", "aucun", "aucune", "guère"),
    *("nicht", "kein", "keine", "keinen", "keiner", "keinem", "nie", "niemals", "ohne", "weder", "ned", "nöd"),
))
# fmt: on
"""English, Spanish, French, German. Words that negate only together (*ne … rien*) are left to the n-grams."""


def split_negated(text: str) -> tuple[str, tuple[str, ...]]:
    """Returns `text` without the words a negation turns around, and those words in lower case.

    The scope is three words, or fewer up to the next punctuation mark; the negation itself stays.
    """
    kept: list[str] = []
    negated: list[str] = []
    left, end = 0, 0
    for match in WORD.finditer(text):
        word = match.group().lower().replace("’", "'")
        if STOP.match(word):
            left = 0
        elif word in NEGATIONS:
            left = SCOPE
        elif left:
            left -= 1
            negated.append(word)
            kept.append(text[end : match.start()])
            end = match.end()
    if not negated:
        return text, ()
    return "".join([*kept, text[end:]]), tuple(negated)

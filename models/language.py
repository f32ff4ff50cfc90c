"""Language identification over the six languages, with an answer for anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE
from py3langid.langid import LanguageIdentifier as Identifier

from data.schema import UNDETERMINED, Language

READ_CHARACTERS = 160
SURE = 0.85
LONG_ENOUGH = 24
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
WORD = re.compile(r"[A-Za-z]")
LETTER = re.compile(r"[^\W\d_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
NOISE = re.compile(r"\S*(?:@|://|#\d|\d)\S*")
LATIN_LANGUAGES = (Language.EN, Language.ES, Language.FR, Language.DE)
STRANGERS = ("it", "pt", "nl", "pl", "sv", "da", "no", "fi", "cs", "ro", "hu", "tr", "ca", "id", "vi")
"""Languages in Latin script that text may be in instead; looked for so that it is not taken for one of ours."""


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The language of a text.

    Attributes:
        language: ISO 639-1 code of one of the six, or ``und``.
        probability: of that language; 0 for ``und``.
    """

    language: str
    probability: float


class LanguageReader:
    """Tells the language of short texts; the same text always gives the same answer."""

    def __init__(self) -> None:
        self._identifier = _open_identifier()

    def read(self, texts: Sequence[str]) -> list[LanguageGuess]:
        """Returns one guess a text."""
        return [self._guess(text[:READ_CHARACTERS]) for text in texts]

    def _guess(self, text: str) -> LanguageGuess:
        if text.isascii():
            return self._western(text) if WORD.search(text) else LanguageGuess(UNDETERMINED, 0.0)
        letters, latin = len(LETTER.findall(text)), len(LATIN.findall(text))
        kana, han = len(KANA.findall(text)), len(HAN.findall(text))
        if letters == 0:
            return LanguageGuess(UNDETERMINED, 0.0)
        if (kana + han) * 2 >= latin and kana + han >= max(1, letters // 3):
            return self._eastern(kana, han)
        if latin * 2 < letters:
            return LanguageGuess(UNDETERMINED, 0.0)
        return self._western(text)

    @staticmethod
    def _eastern(kana: int, han: int) -> LanguageGuess:
        """Kana are written in Japanese only; a stray one in Chinese text is a quoted name."""
        share = kana / (kana + han)
        if share >= 0.1:
            return LanguageGuess(Language.JA, min(1.0, 0.5 + 2 * share))
        return LanguageGuess(Language.ZH, 1.0 - share)

    def _western(self, text: str) -> LanguageGuess:
        words = NOISE.sub(" ", text).strip() or text
        language, probability = self._identifier.classify(words)
        if language in LATIN_LANGUAGES:
            return LanguageGuess(language, probability)
        if probability >= SURE and len(words) >= LONG_ENOUGH:
            return LanguageGuess(UNDETERMINED, 0.0)
        return self._best_of_ours(words)

    def _best_of_ours(self, words: str) -> LanguageGuess:
        """Returns the likeliest of our languages where a foreign one is only a little likelier."""
        ranked = dict(self._identifier.rank(words))
        best = max(LATIN_LANGUAGES, key=lambda language: ranked[language])
        total = sum(ranked[language] for language in LATIN_LANGUAGES)
        return LanguageGuess(best, ranked[best] / total if total else 1 / len(LATIN_LANGUAGES))


@cache
def _open_identifier() -> Identifier:
    """Returns the identifier of the process: it never changes, and reading its file takes most of a second."""
    identifier = Identifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LATIN_LANGUAGES, *STRANGERS])
    return identifier

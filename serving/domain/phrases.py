"""Finding configured phrases in what customers write, in any of the six languages.

A phrase is a few words. ``*`` after at least three letters stands for any ending, ``..`` between words for
up to three further words: ``talk .. human`` finds "talk to a real human". Case, accents, width and
punctuation do not count; words are whole words. Chinese and Japanese phrases are found anywhere in the text,
where ``..`` stands for up to ten further characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

GAP = ".."
GAP_WORDS = 3
GAP_CHARACTERS = 10
LEAST_STEM = 3
WORD = re.compile(r"[a-z0-9]+")
EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
PHRASE = re.compile(r"[a-z0-9]+\*?|\.\.")
INVISIBLE = re.compile("[\u00ad\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f]")
LETTERS = (("œ", "oe"), ("æ", "ae"), ("ø", "o"))
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

Element = tuple[str, bool]
"""A word and whether it is only a stem; a gap is ``("..", False)``."""
Entry = tuple[int, str, str, tuple[Element, ...]]
"""A phrase with its number, the name of its list, as written, and in elements."""


class PhraseError(ValueError):
    """A phrase can never be found."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text made ready for finding phrases: Latin words without accents, and Chinese or Japanese text."""

    latin: tuple[str, ...]
    eastern: str


def split_words(text: str) -> Words:
    """Returns the words of `text`."""
    if text.isascii():
        return Words(tuple(WORD.findall(text.lower())), "")
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    eastern = "".join(folded.split()) if EASTERN.search(folded) else ""
    return Words(tuple(WORD.findall(_without_accents(folded))), eastern)


class Phrases:
    """Lists of phrases, each under a name, found together in one pass over a text."""

    def __init__(self, phrases: Mapping[str, Iterable[str]] | Iterable[str]) -> None:
        lists = phrases if isinstance(phrases, Mapping) else {"": phrases}
        self._words: dict[str, list[Entry]] = {}
        self._stems: dict[str, list[Entry]] = {}
        self._count = 0
        self._eastern: list[tuple[str, str, str, re.Pattern[str] | None]] = []
        for name, texts in lists.items():
            for text in texts:
                self._add(name, text)

    def find(self, words: Words) -> dict[str, str]:
        """Returns the names whose phrases occur, each with the first phrase that was found."""
        found: dict[str, str] = {}
        for i, word in enumerate(words.latin):
            if word not in self._words and word[:LEAST_STEM] not in self._stems:
                continue
            for _, name, phrase, elements in self._beginning_with(word):
                if name not in found and _matches(elements, words.latin, i):
                    found[name] = phrase
        if words.eastern:
            for name, phrase, part, pattern in self._eastern:
                if name in found or part not in words.eastern:
                    continue
                if pattern is None or pattern.search(words.eastern):
                    found[name] = phrase
        return found

    def _beginning_with(self, word: str) -> Sequence[Entry]:
        """Returns the phrases that may begin with `word`, in the order they were given."""
        whole, stems = self._words.get(word, ()), self._stems.get(word[:LEAST_STEM], ())
        return sorted((*whole, *stems)) if whole and stems else whole or stems

    def _add(self, name: str, phrase: str) -> None:
        folded = unicodedata.normalize("NFKC", phrase).casefold()
        if EASTERN.search(folded):
            self._add_eastern(name, phrase, "".join(folded.split()))
            return
        for variant in dict.fromkeys((folded, folded.translate(UMLAUTS))):
            elements = _parse(phrase, _without_accents(variant))
            self._count += 1
            first, is_stem = elements[0]
            index, key = (self._stems, first[:LEAST_STEM]) if is_stem else (self._words, first)
            index.setdefault(key, []).append((self._count, name, phrase, elements))

    def _add_eastern(self, name: str, phrase: str, folded: str) -> None:
        parts = folded.split(GAP)
        if not all(parts):
            raise PhraseError(f"{phrase!r}: '..' stands between characters")
        gap = f".{{0,{GAP_CHARACTERS}}}?"
        pattern = re.compile(gap.join(map(re.escape, parts))) if len(parts) > 1 else None
        self._eastern.append((name, phrase, parts[0], pattern))


def _parse(phrase: str, folded: str) -> tuple[Element, ...]:
    marks = PHRASE.findall(folded)
    elements = tuple((mark.rstrip("*"), mark.endswith("*")) for mark in marks)
    if not elements or elements[0][0] == GAP or elements[-1][0] == GAP:
        raise PhraseError(f"{phrase!r}: must begin and end with a word (Latin, Chinese or Japanese)")
    for stem, is_stem in elements:
        if is_stem and len(stem) < LEAST_STEM:
            raise PhraseError(f"{phrase!r}: '*' needs at least {LEAST_STEM} letters before it")
    return elements


def _matches(elements: tuple[Element, ...], words: tuple[str, ...], start: int) -> bool:
    """Returns whether `elements` stand at `start`."""
    position = start
    for i, (text, is_stem) in enumerate(elements):
        if text == GAP:
            rest = elements[i + 1 :]
            return any(_matches(rest, words, position + skipped) for skipped in range(GAP_WORDS + 1))
        if position >= len(words):
            return False
        word = words[position]
        if word != text and not (is_stem and word.startswith(text)):
            return False
        position += 1
    return True


def _without_accents(text: str) -> str:
    """Returns `text` without combining marks; it has few different ones, so each is removed as a whole."""
    for letter, plain in LETTERS:
        text = text.replace(letter, plain)
    decomposed = unicodedata.normalize("NFKD", text)
    for mark in filter(unicodedata.combining, set(decomposed)):
        decomposed = decomposed.replace(mark, "")
    return decomposed

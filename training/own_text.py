"""Reads a company's own text for the training of an encoder.

A file or a folder of files:

- ``*.tsv``: translation pairs, one a line: language, English, other, tab-separated.
- ``*.txt``: text of one language, one text a line; the file is called ``<language>.txt`` or
  ``<anything>.<language>.txt``. English goes to the teacher; another language is paired with a noisy copy of itself,
  so that its words get vectors from the words around them.
- ``articles/`` and ``tickets/``: as Firstline reads them elsewhere; only tickets of the training split are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError
from data.schema import Language
from training.parallel_text import Pair

CODES = frozenset(language.value for language in Language)


@dataclass(frozen=True)
class PlainText:
    """A text without a translation, and the ISO 639-1 code of its language."""

    text: str
    language: str


@dataclass(frozen=True)
class OwnText:
    """What was found; `corpus` is the folder where it has articles or tickets."""

    pairs: list[Pair]
    plain: list[PlainText]
    corpus: Path | None


def read_own_text(path: Path) -> OwnText:
    """Returns the text of a file or folder.

    Raises:
        DataError: nothing is there, or a line or a file name is not as described; the message has file and line.
    """
    files = [path] if path.is_file() else sorted([*path.glob("*.tsv"), *path.glob("*.txt")])
    corpus = path if (path / "articles").is_dir() or (path / "tickets").is_dir() else None
    if not files and corpus is None:
        raise DataError(
            f"no text of your own in {path}: expected *.tsv (language, English, other), <language>.txt, "
            "articles/ or tickets/"
        )
    pairs = [pair for file in files if file.suffix == ".tsv" for pair in _pairs(file)]
    plain = [text for file in files if file.suffix != ".tsv" for text in _plain(file)]
    return OwnText(pairs, plain, corpus)


def _pairs(path: Path) -> Iterator[Pair]:
    for number, line in _lines(path):
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 3 or not all(fields):
            raise DataError(
                f"{path}:{number}: expected language, English and other, tab-separated; got {len(fields)} fields"
            )
        language, english, other = fields
        if language not in CODES - {Language.EN}:
            raise DataError(f"{path}:{number}: {language!r} is not one of {_codes(CODES - {Language.EN})}")
        yield Pair(english, other, language, support=True)


def _plain(path: Path) -> Iterator[PlainText]:
    language = path.stem.rpartition(".")[2]
    if path.suffix != ".txt" or language not in CODES:
        raise DataError(
            f"{path}: expected a *.tsv file, or a *.txt file whose name ends with a language: "
            f"help.de.txt (one of {_codes(CODES)})"
        )
    yield from (PlainText(line.strip(), language) for _, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields number and text of the lines that are not blank."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a text file in UTF-8: {error}") from error
    yield from ((number, line) for number, line in enumerate(content.split("\n"), 1) if line.strip())


def _codes(codes: frozenset[str]) -> str:
    return ", ".join(sorted(codes))

"""Reads the text an encoder is trained on: translation pairs, and single English sentences."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.articles import load_articles
from data.errors import DataError
from data.schema import LabelledTicket, Language, Split
from data.tickets import load_tickets

OTHER_LANGUAGES = tuple(language.value for language in Language if language is not Language.EN)
INTERFACE_SOURCES_EXCLUDED = frozenset({"pawsx", "small_parallel_enja", "python-docs"})
"""Sources of ``help-and-ui.tsv.gz`` that are general prose, so they are not up-weighted."""


@dataclass(frozen=True)
class Pair:
    """One English text and its translation.

    Attributes:
        english: the English side.
        other: the translation.
        language: ISO 639-1 code of `other`.
        support: whether the text is like what a help desk reads or writes.
    """

    english: str
    other: str
    language: str
    support: bool


def read_pairs(folder: Path, corpus: Path | None) -> list[Pair]:
    """Returns every pair under `folder` and the aligned article sentences of `corpus`.

    Args:
        folder: holds ``parallel/en-<language>.tsv.gz`` (English, tab, other),
            ``parallel/help-and-ui.tsv.gz`` (language, English, other, source) and, optionally,
            ``massive/<language>.train.jsonl`` whose rows share an ``id`` across languages.
        corpus: a shipped corpus folder (articles/), or None.

    Raises:
        DataError: no pair was found.
    """
    pairs = [*_tatoeba(folder), *_help_strings(folder), *_massive(folder)]
    if corpus is not None:
        pairs.extend(read_article_pairs(corpus / "articles"))
    if not pairs:
        raise DataError(
            f"no parallel text under {folder}: expected parallel/en-*.tsv.gz or massive/*.train.jsonl"
        )
    return pairs


def read_english(folder: Path, corpus: Path | None) -> list[str]:
    """Returns single English sentences, those most like support first, without repetition."""
    found: dict[str, None] = {}
    if corpus is not None:
        found.update(dict.fromkeys(read_corpus_english(corpus)))
    for name in ("banking77/train", "clinc150/train", "clinc150/oos_train", "massive/en.train"):
        path = folder / f"{name}.jsonl"
        if path.exists():
            found.update(dict.fromkeys(row["text"] for row in _json_rows(path)))
    return list(found)


def read_corpus_english(corpus: Path) -> Iterator[str]:
    """Yields the English training tickets and the English articles' sentences of a corpus that has them."""
    for ticket in _training_tickets(corpus):
        if ticket.language is Language.EN:
            yield ticket.text
    for article in load_articles(corpus / "articles") if (corpus / "articles").is_dir() else ():
        if article.language == Language.EN:
            yield from [article.title, *article.steps, *article.paragraphs]


def _training_tickets(corpus: Path) -> list[LabelledTicket]:
    if not (corpus / "tickets").is_dir():
        return []
    return [ticket for ticket in load_tickets(corpus / "tickets") if ticket.split is Split.TRAIN]


def _json_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                yield {"id": str(row.get("id", "")), "text": row["text"]}
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path}:{number}: not a row with a text: {error}") from error


def _tatoeba(folder: Path) -> Iterator[Pair]:
    for language in OTHER_LANGUAGES:
        path = folder / "parallel" / f"en-{language}.tsv.gz"
        if not path.exists():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                english, _, other = line.rstrip("\n").partition("\t")
                if english and other:
                    yield Pair(english, other, language, support=False)


def _help_strings(folder: Path) -> Iterator[Pair]:
    path = folder / "parallel" / "help-and-ui.tsv.gz"
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 4 or fields[0] not in OTHER_LANGUAGES:
                raise DataError(
                    f"{path}:{number}: expected language, English, other and source, tab-separated; got {line[:80]!r}"
                )
            language, english, other, source = fields
            yield Pair(english, other, language, support=source not in INTERFACE_SOURCES_EXCLUDED)


def _massive(folder: Path) -> Iterator[Pair]:
    english_path = folder / "massive" / "en.train.jsonl"
    if not english_path.exists():
        return
    english = {row["id"]: row["text"] for row in _json_rows(english_path)}
    for language in OTHER_LANGUAGES:
        path = folder / "massive" / f"{language}.train.jsonl"
        if path.exists():
            for row in _json_rows(path):
                if row["id"] in english:
                    yield Pair(english[row["id"]], row["text"], language, support=True)


def read_article_pairs(folder: Path) -> Iterator[Pair]:
    """Yields titles and steps: steps stand in the same order in every language, so they are parallel text."""
    by_key = {(article.id, article.language): article for article in load_articles(folder)}
    for (article_id, language), article in sorted(by_key.items()):
        english = by_key.get((article_id, Language.EN))
        if language == Language.EN or english is None:
            continue
        yield Pair(english.title, article.title, language, support=True)
        if len(english.steps) == len(article.steps):
            for ours, theirs in zip(english.steps, article.steps, strict=True):
                yield Pair(ours, theirs, language, support=True)

"""The articles and chunks of a version, as JSON lines beside its vectors."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.schema import Article
from kb_index.chunks import Chunk, chunk_article
from kb_index.errors import DamagedIndexError, UnusableInputError

ARTICLES_FILE = "articles.jsonl"
CHUNKS_FILE = "chunks.jsonl"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is indexed.

    Attributes:
        articles: sorted by id and language.
        chunks: of the articles in their order; a chunk's place is its row among the vectors.
        owners: which article each chunk is of; every article owns one or more.
    """

    articles: tuple[Article, ...]
    chunks: tuple[Chunk, ...]
    owners: tuple[int, ...]

    @classmethod
    def from_articles(cls, articles: Iterable[Article]) -> Contents:
        """Returns the articles with their chunks.

        Raises:
            UnusableInputError: there is no article, or one is there twice.
        """
        ordered = sorted(articles, key=article_key)
        if not ordered:
            raise UnusableInputError("there is no article to index: add *.md files to the folder of articles")
        for before, after in itertools.pairwise(ordered):
            if article_key(before) == article_key(after):
                raise UnusableInputError(f"article {after.id} is there twice in language {after.language!r}")
        pieces = [(chunk, owner) for owner, article in enumerate(ordered) for chunk in chunk_article(article)]
        return cls(tuple(ordered), tuple(chunk for chunk, _ in pieces), tuple(owner for _, owner in pieces))

    def hashes(self) -> dict[tuple[str, str], str]:
        """Returns the content hash of each article by id and language."""
        return {article_key(article): hash_article(article) for article in self.articles}

    def chunk_hashes(self) -> list[str]:
        """Returns the hash of each chunk in order."""
        return [chunk.hash for chunk in self.chunks]

    def save(self, folder: Path) -> None:
        """Writes both files to `folder`."""
        _write_rows(folder / ARTICLES_FILE, [asdict(article) for article in self.articles])
        pairs = zip(self.owners, self.chunks, strict=True)
        rows = [{"article": owner, **asdict(chunk)} for owner, chunk in pairs]
        _write_rows(folder / CHUNKS_FILE, rows)

    @classmethod
    def load(cls, folder: Path) -> Contents:
        """Returns what is saved in `folder`.

        Raises:
            DamagedIndexError: a file cannot be read.
        """
        try:
            articles = tuple(_article(row) for row in _read_rows(folder / ARTICLES_FILE))
            rows = _read_rows(folder / CHUNKS_FILE)
            owners = tuple(int(row.pop("article")) for row in rows)
            return cls(articles, tuple(Chunk(**row) for row in rows), owners)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedIndexError(f"articles and chunks in {folder} cannot be read: {error}") from error


def article_key(article: Article) -> tuple[str, str]:
    """Returns what identifies an article: id and language."""
    return article.id, article.language


def hash_article(article: Article) -> str:
    """Returns the SHA-256 of every field of `article`."""
    text = json.dumps(asdict(article), ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _article(row: dict[str, Any]) -> Article:
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    return Article(**{**row, **lists})


def _write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]

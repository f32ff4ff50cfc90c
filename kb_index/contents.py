"""The articles and chunks of a version, as JSON lines that are read one at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from kb_index.arrays import map_array, save_array
from kb_index.chunks import chunk_article
from kb_index.errors import UnusableInputError
from kb_index.layout import GrowingLayout, Layout
from kb_index.records import Records, RecordWriter

ARTICLES_FILE = "articles.jsonl"
CHUNKS_FILE = "chunks.jsonl"
HASHES_FILE = "chunks.hashes.npy"
HASH_TYPE = "S32"

Key = tuple[str, str]


class StoredArticles(Mapping[Key, Article]):
    """Articles by id and language, sorted by both and found by bisection, so that none need be in memory."""

    def __init__(self, records: Records[Article]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Key]:
        return (article_key(article) for article in self._records)

    def __getitem__(self, key: Key) -> Article:
        row = self.place(key)
        if row == len(self) or article_key(self._records[row]) != key:
            raise KeyError(key)
        return self._records[row]

    def row(self, row: int) -> Article:
        """Returns the article at a place."""
        return self._records[row]

    def place(self, key: Key) -> int:
        """Returns where an article stands, or would stand if it is not there."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if article_key(self._records[middle]) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def in_order(self) -> Iterator[Article]:
        """Yields every article by its place."""
        return iter(self._records)


@dataclass(frozen=True)
class Contents:
    """What is indexed; only what is asked for is read.

    Attributes:
        articles: of each id and language; their place is that of `Layout`'s versions.
        chunks: the text of each chunk; its place is its row among the vectors.
        hashes: ``(chunks,)`` of `Chunk.hash`.
        layout: where the chunks of each article stand.
    """

    articles: StoredArticles
    chunks: Records[str]
    hashes: NDArray[np.bytes_]
    layout: Layout

    @classmethod
    def load(cls, folder: Path) -> Contents:
        """Returns what is saved in `folder`.

        Raises:
            DamagedIndexError: a file cannot be read.
        """
        return cls(
            StoredArticles(Records(folder / ARTICLES_FILE, _article)),
            Records(folder / CHUNKS_FILE, lambda row: str(row["text"])),
            map_array(folder / HASHES_FILE),
            Layout.load(folder),
        )

    def passages(self) -> Iterator[str]:
        """Yields what is embedded of each chunk, in order."""
        return (chunk.passage for article in self.articles.in_order() for chunk in chunk_article(article))


def write_contents(articles: Iterable[Article], folder: Path) -> str:
    """Writes the files of `Contents`; returns the SHA-256 of all articles and chunks.

    Args:
        articles: sorted by id and language.
        folder: of the version.

    Raises:
        UnusableInputError: there is no article, or one is there twice.
    """
    digest = hashlib.sha256()
    hashes = bytearray()
    layout = GrowingLayout()
    last: Key | None = None
    with (
        RecordWriter(folder / ARTICLES_FILE) as article_file,
        RecordWriter(folder / CHUNKS_FILE) as chunk_file,
    ):
        for article in articles:
            if article_key(article) == last:
                raise UnusableInputError(
                    f"article {article.id} is there twice in language {article.language!r}"
                )
            last = article_key(article)
            chunks = chunk_article(article)
            article_file.append(asdict(article))
            for chunk in chunks:
                chunk_file.append({"kind": chunk.kind, "text": chunk.text})
            layout.add(article, len(chunks))
            joined = "".join(chunk.hash for chunk in chunks).encode()
            hashes += joined
            digest.update(hash_article(article).encode() + joined)
    if last is None:
        raise UnusableInputError("there is no article to index: add *.md files to the folder of articles")
    save_array(folder / HASHES_FILE, np.frombuffer(bytes(hashes), dtype=HASH_TYPE))
    layout.save(folder)
    return digest.hexdigest()


def article_key(article: Article) -> Key:
    """Returns what identifies an article: id and language."""
    return article.id, article.language


def hash_article(article: Article) -> str:
    """Returns the SHA-256 of every field of `article`."""
    text = json.dumps(asdict(article), ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _article(row: dict[str, Any]) -> Article:
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    return Article(**{**row, **lists})

"""Articles as JSON lines, one an article, for corpora that are too many for files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.articles import MAX_ARTICLE_BYTES, make_article, read_article
from data.errors import DataError
from data.schema import Article

FIELDS = frozenset(Article.__dataclass_fields__)


def has_article_lines(path: Path) -> bool:
    """Returns whether `path` is a ``.jsonl`` file, or a folder with one."""
    return path.suffix == ".jsonl" or next(path.glob("*.jsonl"), None) is not None


def stream_articles(path: Path) -> Iterator[Article]:
    """Yields the articles of a ``.jsonl`` file, or of all such files of a folder and then its Markdown files.

    Raises:
        DataError: a line or a file is not an article; the message says which.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        yield from _read_lines(file)
    for file in sorted(path.rglob("*.md")) if path.is_dir() else []:
        yield read_article(file)


def _read_lines(file: Path) -> Iterator[Article]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(MAX_ARTICLE_BYTES + 1), b""), 1):
                if line.strip():
                    yield _read_line(f"{file}:{number}", line)
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from error


def _read_line(place: str, line: bytes) -> Article:
    if len(line) > MAX_ARTICLE_BYTES:
        raise DataError(f"{place}: an article has at most {MAX_ARTICLE_BYTES:,} bytes")
    try:
        fields: Any = json.loads(line)
        json.dumps(fields, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise DataError(f"{place}: not JSON: {error.msg}") from error
    except UnicodeError as error:
        raise DataError(f"{place}: not UTF-8, or half a surrogate pair: {error}") from error
    if not isinstance(fields, dict):
        raise DataError(f"{place}: an article must be an object")
    unknown = fields.keys() - FIELDS
    if unknown:
        raise DataError(
            f"{place}: unknown field {', '.join(sorted(unknown))}; there are {', '.join(sorted(FIELDS))}"
        )
    return make_article(place, fields)

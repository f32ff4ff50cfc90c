"""A company's articles as they are: our Markdown, any Markdown, HTML pages, text, or JSON lines of a help centre.

Where the files do not say, language and category stay empty for the caller to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from data.articles import MAX_ARTICLE_BYTES
from data.errors import DataError
from data.history.encodings import detect_encoding
from data.history.files import Format, Source, read_rows
from data.history.markup import plain_text, read_html
from data.schema import Article, Category, Language

PAGES = frozenset({".md", ".markdown", ".html", ".htm", ".txt"})
ROWS = frozenset({".jsonl", ".ndjson", ".json", ".csv"})
IDS = ("id", "article_id", "number")
TITLES = ("title", "name", "subject", "question")
TEXTS = ("body", "text", "content", "answer", "description")


def load_company_articles(folder: Path) -> list[Article]:
    """Returns the articles under `folder`, sorted by id and language.

    Args:
        folder: a folder, or one file.

    Raises:
        DataError: nothing there is an article, one has no text, or two are the same.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    found: dict[tuple[str, str], Article] = {}
    for path in paths:
        for where, article in _read(path):
            key = (article.id, article.language)
            if not article.title or not article.body:
                raise DataError(f"{where}: an article needs a title and a text")
            if key in found:
                raise DataError(
                    f"{where}: article {article.id} is there twice in {article.language or 'one language'}"
                )
            found[key] = article
    if not found:
        raise DataError(f"no article (.md, .html, .txt, .jsonl) under {folder}")
    return [found[key] for key in sorted(found)]


def _read(path: Path) -> Iterator[tuple[str, Article]]:
    suffix = path.suffix.lower()
    if suffix in PAGES:
        yield str(path), _read_page(path)
    elif suffix in ROWS:
        yield from _read_rows(path)


def _read_page(path: Path) -> Article:
    try:
        if path.stat().st_size > MAX_ARTICLE_BYTES:
            raise DataError(f"{path}: an article has at most {MAX_ARTICLE_BYTES:,} bytes")
        text = path.read_text(encoding=detect_encoding(path), errors="replace").replace("\r\n", "\n")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    head: Mapping[str, Any] = {}
    if path.suffix.lower() in (".html", ".htm"):
        title, body = read_html(text)
    else:
        head, body = _front_matter(path, text)
        first = next((line.lstrip("# ").strip() for line in body.splitlines() if line.strip()), "")
        title = first[:200]
    fields = {"title": title, **{str(key): value for key, value in head.items() if value is not None}}
    return _article(fields, path.stem, path.parent.name, body)


def _front_matter(path: Path, text: str) -> tuple[Mapping[str, Any], str]:
    front, found, body = text[4:].partition("\n---\n")
    if not text.startswith("---\n") or not found:
        return {}, text
    try:
        head = yaml.safe_load(front)
    except yaml.YAMLError as error:
        raise DataError(f"{path}: the front matter is not YAML: {' '.join(str(error).split())}") from error
    return (head, body) if isinstance(head, dict) else ({}, text)


def _read_rows(path: Path) -> Iterator[tuple[str, Article]]:
    kind = Format.CSV if path.suffix.lower() == ".csv" else Format.JSON
    for row in read_rows(Source(path, kind, detect_encoding(path), "," if kind is Format.CSV else "")):
        where = f"{path}:{row.line}"
        if row.fields is None:
            raise DataError(f"{where}: not an article in JSON")
        fields = {name: value for name, value in row.fields.items() if value not in (None, "")}
        yield where, _article(fields, f"{path.stem}-{row.line}", path.parent.name, _first(fields, TEXTS))


def _article(fields: Mapping[str, Any], fallback_id: str, folder: str, body: str) -> Article:
    named = str(fields.get("language") or fields.get("locale") or folder).casefold().replace("_", "-")
    language = named.partition("-")[0]
    category = str(fields.get("category", ""))
    return Article(
        id=_first(fields, IDS) or fallback_id,
        topic=str(fields.get("topic", "")),
        category=category if category in set(Category) else "",
        title=" ".join(_first(fields, TITLES).split()),
        language=language if language in set(Language) else "",
        steps=_strings(fields, "steps"),
        body=plain_text(body).strip(),
        keywords=_strings(fields, "keywords"),
        tags=_strings(fields, "tags"),
    )


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(fields[name]).strip() for name in names if name in fields), "")


def _strings(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()

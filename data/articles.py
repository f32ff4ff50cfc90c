"""Articles: Markdown files with a YAML front matter, one folder a language or all in one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from data.errors import DataError
from data.schema import Article, Category, Language
from data.taxonomy import CORPUS_DIR

ARTICLES_DIR = CORPUS_DIR / "articles"
REQUIRED = ("id", "title", "language", "category")
MAX_ARTICLE_BYTES = 1_000_000


def load_articles(folder: Path = ARTICLES_DIR) -> list[Article]:
    """Returns every article of the Markdown files under `folder`, sorted by id and language.

    Raises:
        DataError: no article is there, a file is malformed, or two files are the same article.
    """
    paths = sorted(folder.rglob("*.md"))
    if not paths:
        raise DataError(f"no article (*.md) under {folder}")
    found: dict[tuple[str, str], tuple[Article, Path]] = {}
    for path in paths:
        article = read_article(path)
        key = (article.id, article.language)
        if key in found:
            raise DataError(f"{path}: {article.id} in {article.language} is also in {found[key][1]}")
        found[key] = (article, path)
    return [found[key][0] for key in sorted(found)]


def read_article(path: Path) -> Article:
    """Returns the article of one Markdown file.

    Raises:
        DataError: the file is not UTF-8, has no front matter, or lacks a required field.
    """
    try:
        if path.stat().st_size > MAX_ARTICLE_BYTES:
            raise DataError(f"{path}: an article has at most {MAX_ARTICLE_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8: {error}") from error
    head, body = _split_front_matter(path, text)
    return make_article(f"{path}", {**head, "body": body})


def make_article(place: str, fields: Mapping[str, Any]) -> Article:
    """Returns the article that `fields` describe.

    Args:
        place: where they were read, for messages.
        fields: those of `Article`; what is not in `REQUIRED` may be missing.

    Raises:
        DataError: a required field is missing or empty, or a value is not allowed.
    """
    missing = [name for name in REQUIRED if not _text(fields, name)]
    if missing:
        raise DataError(f"{place}: the article lacks {', '.join(missing)}")
    if str(fields["language"]) not in set(Language):
        raise DataError(f"{place}: language {fields['language']!r} is none of {', '.join(Language)}")
    if str(fields["category"]) not in set(Category):
        raise DataError(f"{place}: category {fields['category']!r} is none of {', '.join(Category)}")
    return Article(
        id=str(fields["id"]),
        topic=_text(fields, "topic"),
        category=str(fields["category"]),
        title=str(fields["title"]),
        language=str(fields["language"]),
        steps=_strings(place, fields, "steps"),
        body=_text(fields, "body"),
        keywords=_strings(place, fields, "keywords"),
        tags=_strings(place, fields, "tags"),
    )


def render_article(article: Article) -> str:
    """Returns the Markdown file of `article`; `read_article` reads it back."""
    head = {
        "id": article.id,
        "topic": article.topic,
        "category": str(article.category),
        "title": article.title,
        "language": str(article.language),
        "keywords": list(article.keywords),
        "tags": list(article.tags),
        "steps": list(article.steps),
    }
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n{article.body}\n"


def _split_front_matter(path: Path, text: str) -> tuple[Mapping[str, Any], str]:
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise DataError(f"{path}: no front matter: the file must start with '---' and a YAML block")
    front, _, body = text[4:].partition("\n---\n")
    try:
        head = yaml.safe_load(front)
    except yaml.YAMLError as error:
        raise DataError(f"{path}: the front matter is not YAML: {error}") from error
    if not isinstance(head, dict):
        raise DataError(f"{path}: the front matter must be a mapping")
    return head, body


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value).strip()


def _strings(place: str, fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name) or []
    if not isinstance(value, list):
        raise DataError(f"{place}: {name} must be a list")
    return tuple(str(item) for item in value)

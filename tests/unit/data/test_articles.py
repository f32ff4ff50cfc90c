from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.articles import MAX_ARTICLE_BYTES, load_articles, read_article, render_article
from data.errors import DataError
from data.schema import Article
from tests.unit.data.builders import GERMAN_ARTICLE, JAPANESE_ARTICLE

VALID = "---\nid: KB001\ntitle: Título\nlanguage: es\ncategory: account\n---\n\nTexto.\n"


def write(folder: Path, text: str, name: str = "KB001.md") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("article", [JAPANESE_ARTICLE, GERMAN_ARTICLE], ids=["ja", "de"])
def test_read_article_rendered_article_comes_back(tmp_path: Path, article: Article) -> None:
    assert read_article(write(tmp_path, render_article(article))) == article


def test_read_article_only_required_fields_has_empty_others(tmp_path: Path) -> None:
    article = read_article(write(tmp_path, VALID))
    assert (article.topic, article.steps, article.keywords, article.body) == ("", (), (), "Texto.")


def test_load_articles_folders_by_language_are_sorted_by_id_and_language(tmp_path: Path) -> None:
    spanish = replace(GERMAN_ARTICLE, language="es")
    for article in (GERMAN_ARTICLE, JAPANESE_ARTICLE, spanish):
        write(tmp_path, render_article(article), f"{article.language}/{article.id}.md")
    assert load_articles(tmp_path) == [JAPANESE_ARTICLE, GERMAN_ARTICLE, spanish]


def test_load_articles_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no article"):
        load_articles(tmp_path)


def test_load_articles_same_article_twice_names_both_files(tmp_path: Path) -> None:
    write(tmp_path, VALID, "a/one.md")
    write(tmp_path, VALID, "b/two.md")
    with pytest.raises(DataError, match=r"two\.md: KB001 in es is also in .*one\.md"):
        load_articles(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Just text", "no front matter"),
        ("---\nid: KB001\n", "no front matter"),
        ("---\nid: [\n---\n\nBody", "not YAML"),
        ("---\n- id\n---\n\nBody", "must be a mapping"),
        (VALID.replace("title: Título\n", ""), "lacks title"),
        (VALID.replace("id: KB001", "id: ''"), "lacks id"),
        (VALID.replace("language: es", "language: xx"), "language 'xx' is none of en, es"),
        (VALID.replace("category: account", "category: cats"), "category 'cats' is none of"),
        (VALID.replace("category: account", "category: account\nsteps: one"), "steps must be a list"),
        (VALID.replace("language: es", "language: [es]"), "language"),
    ],
)
def test_read_article_malformed_file_is_refused_with_its_path(
    tmp_path: Path, text: str, message: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=message) as caught:
        read_article(path)
    assert str(path) in str(caught.value)


def test_read_article_other_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "KB001.md"
    path.write_bytes(VALID.encode("utf-16"))
    with pytest.raises(DataError, match="UTF-8"):
        read_article(path)


def test_read_article_huge_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, VALID + "x" * MAX_ARTICLE_BYTES)
    with pytest.raises(DataError, match="1,000,000 bytes"):
        read_article(path)


def test_read_article_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.md"):
        read_article(tmp_path / "nowhere.md")


def test_paragraphs_body_with_marks_gives_plain_lines() -> None:
    assert JAPANESE_ARTICLE.paragraphs == (
        "30分以内にお手続きください。",
        "解決しない場合",
        "担当者にお問い合わせください。",
    )

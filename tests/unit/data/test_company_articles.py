from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.articles import ARTICLES_DIR, load_articles, render_article
from data.company_articles import load_company_articles
from data.errors import DataError
from tests.unit.data.builders import JAPANESE_ARTICLE


def test_load_company_articles_of_our_own_format_are_as_the_strict_loader_reads_them() -> None:
    assert load_company_articles(ARTICLES_DIR) == load_articles()


def test_load_company_articles_of_every_kind_have_id_title_and_text(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "refund.md").write_text("# Wo ist mein Geld?\n\nIn 5 bis 7 Tagen.", encoding="utf-8")
    (tmp_path / "page.html").write_text(
        "<title>Login</title><h1>登录</h1><p>重置密码。</p>", encoding="utf-8"
    )
    (tmp_path / "own.md").write_text(render_article(JAPANESE_ARTICLE), encoding="utf-8")
    help_centre = {
        "articles": 1,
        "id": 36000,
        "title": "Retours",
        "body": "<p>Sous 30 jours.</p>",
        "locale": "fr-ca",
    }
    (tmp_path / "zendesk.jsonl").write_text(json.dumps(help_centre), encoding="utf-8")
    found = {article.id: article for article in load_company_articles(tmp_path)}
    assert set(found) == {"refund", "page", "KB001", "36000"}
    assert (found["refund"].title, found["refund"].language) == ("Wo ist mein Geld?", "de")
    assert (found["36000"].language, found["36000"].body) == ("fr", "Sous 30 jours.")
    assert "重置密码" in found["page"].body
    assert found["page"].language == found["page"].category == ""
    assert found["KB001"] == JAPANESE_ARTICLE


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.md", "", "needs a title and a text"),
        ("a.jsonl", "{broken", r"a\.jsonl:1: not an article"),
        (
            "a.jsonl",
            '{"id": 1, "title": "x", "text": "y"}\n{"id": 1, "title": "z", "text": "w"}',
            "there twice",
        ),
        ("a.png", "x", "no article"),
        ("a.md", "---\ntitle: [\n---\nx", "not YAML"),
    ],
)
def test_load_company_articles_that_cannot_be_used_are_refused_in_one_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        load_company_articles(tmp_path)
    assert "\n" not in str(caught.value)

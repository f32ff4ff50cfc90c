"""The shipped articles are complete in every language and agree with the fact sheet."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from typing import Any

import pytest

from data.schema import Article, Language
from data.taxonomy import DATA_DIR, Taxonomy
from tests.data_quality.figures import figures

ARTICLES_A_LANGUAGE = 53
WORDS = (90, 250)
CHARACTERS = {Language.JA: (240, 650), Language.ZH: (190, 520)}
CLOSING = re.compile(r"^## \S.*\n+\S", re.MULTILINE)
EMAIL = re.compile(r"[\w.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", re.ASCII)


@pytest.fixture(scope="module")
def merchant() -> dict[str, Any]:
    return tomllib.loads((DATA_DIR / "merchant.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def stated(merchant: dict[str, Any]) -> dict[str, set[float]]:
    """The figures of the facts that name each article."""
    wanted: dict[str, set[float]] = defaultdict(set)
    for fact in merchant["facts"].values():
        for article_id in fact["articles"]:
            wanted[article_id].update(map(float, fact["figures"]))
    return wanted


def whole_text(article: Article) -> str:
    return "\n".join([article.title, *article.steps, article.body])


def name(article: Article) -> str:
    return f"{article.id} {article.language}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("before 14:00, see KB024", {14}),
        ("avant 14 h et 4,90 USD", {14, 4.9}),
        ("14時までに、2,000文字", {14, 2000}),
        ("14时00分前，４.９０美元", {14, 4.9}),
        ("zwischen 8:00 und 22:00 Uhr, 2.000 Zeichen", {8, 22, 2000}),
        ("de 20 à 2 000 caractères", {20, 2000}),
    ],
)
def test_figures_of_any_language_are_numbers(text: str, expected: set[float]) -> None:
    assert figures(text) == expected


def test_articles_every_topic_with_one_exists_in_six_languages(
    articles: list[Article], taxonomy: Taxonomy
) -> None:
    by_language = {language: {a.id for a in articles if a.language == language} for language in Language}
    assert len(taxonomy.article_ids) == ARTICLES_A_LANGUAGE
    assert all(ids == taxonomy.article_ids for ids in by_language.values())
    assert len(articles) == ARTICLES_A_LANGUAGE * len(Language)


def test_articles_topic_and_category_agree_with_the_taxonomy(
    articles: list[Article], taxonomy: Taxonomy
) -> None:
    wrong = [
        name(a)
        for a in articles
        if (topic := taxonomy.by_name[a.topic]).article_id != a.id or topic.category != a.category
    ]
    assert not wrong


def test_articles_number_of_steps_is_the_same_in_every_language(articles: list[Article]) -> None:
    counts: dict[str, set[int]] = defaultdict(set)
    for article in articles:
        counts[article.id].add(len(article.steps))
    assert not {key: found for key, found in counts.items() if len(found) > 1}
    assert min(min(found) for found in counts.values()) >= 3


def test_articles_keywords_and_tags_are_never_empty(articles: list[Article]) -> None:
    assert not [name(a) for a in articles if len(a.keywords) < 3 or not a.tags]


def test_articles_length_is_that_of_a_help_centre(articles: list[Article]) -> None:
    wrong = {}
    for article in articles:
        text = whole_text(article)
        eastern = article.language in CHARACTERS
        length = len(re.sub(r"\s", "", text)) if eastern else len(text.split())
        low, high = CHARACTERS[Language(article.language)] if eastern else WORDS
        if not low <= length <= high:
            wrong[name(article)] = length
    assert not wrong


def test_articles_last_section_says_what_to_do_if_it_does_not_help(articles: list[Article]) -> None:
    assert not [name(article) for article in articles if not CLOSING.search(article.body)]


def test_articles_figures_are_exactly_the_facts_that_name_them(
    articles: list[Article], stated: dict[str, set[float]]
) -> None:
    wrong = {}
    for article in articles:
        found = figures("\n".join([whole_text(article), *article.keywords]))
        if found != stated[article.id]:
            extra, missing = found - stated[article.id], stated[article.id] - found
            wrong[name(article)] = f"not a fact: {sorted(extra)}; fact not stated: {sorted(missing)}"
    assert not wrong


def test_facts_articles_they_name_exist(stated: dict[str, set[float]], taxonomy: Taxonomy) -> None:
    assert set(stated) <= taxonomy.article_ids


def test_articles_contact_is_the_merchants(articles: list[Article], merchant: dict[str, Any]) -> None:
    domain = merchant["company"]["email"].partition("@")[2]
    assert {found for a in articles for found in EMAIL.findall(whole_text(a))} == {domain}


def test_articles_titles_are_unique_within_a_language(articles: list[Article]) -> None:
    titles = [(article.language, article.title) for article in articles]
    assert len(titles) == len(set(titles))

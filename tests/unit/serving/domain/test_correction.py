from __future__ import annotations

import pytest

from data.schema import Category, Sentiment
from serving.domain.correction import Catalogue, Correction
from serving.errors import CorrectionError

CATALOGUE = Catalogue(
    {"refund_status": "KB002", "refund_policy": "KB031", "refund_rules": "KB031", "safety_incident": None},
    {"refund_status": "billing", "refund_policy": "returns", "safety_incident": "complaint"},
    {"KB002", "KB031"},
)


def test_complete_topic_brings_its_category_and_article() -> None:
    done = CATALOGUE.complete(Correction(topic="refund_status"))
    assert (done.category, done.article_id, done.no_article) == (Category.BILLING, "KB002", False)


def test_complete_topic_without_an_article_says_that_none_resolves_it() -> None:
    done = CATALOGUE.complete(Correction(topic="safety_incident"))
    assert (done.category, done.article_id, done.no_article) == (Category.COMPLAINT, None, True)


def test_complete_article_of_one_topic_brings_the_topic() -> None:
    assert CATALOGUE.complete(Correction(article_id="KB002")).topic == "refund_status"
    assert CATALOGUE.complete(Correction(article_id="KB031")).topic is None


@pytest.mark.parametrize(
    "given",
    [
        Correction(category=Category.BILLING),
        Correction(sentiment=Sentiment.NEGATIVE),
        Correction(urgent=False),
    ],
)
def test_complete_without_topic_or_article_stays_as_it_is(given: Correction) -> None:
    assert CATALOGUE.complete(given) == given


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Correction(note="wrong"), "topic"),
        (Correction(topic="返金"), "topic"),
        (Correction(article_id="KB999"), "article_id"),
        (Correction(article_id="KB002", no_article=True), "no_article"),
        (Correction(topic="refund_status", category=Category.SHIPPING), "category"),
        (Correction(topic="refund_status", article_id="KB031"), "article_id"),
        (Correction(topic="refund_status", no_article=True), "article_id"),
        (Correction(article_id="KB002", category=Category.RETURNS), "category"),
    ],
)
def test_complete_what_cannot_be_is_refused_with_its_field(given: Correction, field: str) -> None:
    with pytest.raises(CorrectionError) as error:
        CATALOGUE.complete(given)
    assert error.value.field == field

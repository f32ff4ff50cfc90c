from __future__ import annotations

import json

from evaluation.pages.models import ModelFigures, models_json, models_page
from tests.unit.evaluation.builders import ARTICLES
from tests.unit.evaluation.test_heads import READINGS, TICKETS

FIGURES = ModelFigures(TICKETS, READINGS, ARTICLES, "four tickets", "bundle-1")


def test_models_json_has_every_head_and_slice() -> None:
    found = json.loads(json.dumps(models_json(FIGURES), allow_nan=False))
    assert set(found["heads"]) == {"category", "topic", "sentiment", "urgency"}
    assert found["heads"]["topic"]["by_language"]["ja"]["accuracy"]["value"] == 1.0
    assert found["heads"]["category"]["by_class"]["returns"]["support"] == 2
    assert {gap["behind"] for gap in found["language_gaps"] if gap["over_the_bar"]} == {"es"}
    assert found["calibration"]["category"]["by_language"].keys() == {"ja", "es"}
    assert found["out_of_scope"]["any topic without an article"]["novelty"]["out_of_scope"] == 1
    assert found["mistakes"]["topic"][0]["examples"][0]["text"] == "Passwort vergessen"


def test_models_page_says_which_language_is_behind() -> None:
    page = models_page(FIGURES)
    assert "the topic of 75.0%" in page.summary[0]
    assert "The language furthest behind is es" in page.summary[1]
    assert "More than ten points under the best" in page.summary[1]
    assert all(len(row) == len(t.columns) for s in page.sections for t in s.tables for row in t.rows)


def test_models_page_languages_alike_says_so() -> None:
    page = models_page(ModelFigures(TICKETS[:1], READINGS[:1], ARTICLES, "one ticket", "bundle-1"))
    assert len(page.summary) == 2
    assert any(
        section.title == "What is not for the desk" and not section.tables for section in page.sections
    )

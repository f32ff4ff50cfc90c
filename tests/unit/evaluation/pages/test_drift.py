from __future__ import annotations

import json

from evaluation.drift import LANGUAGE, measure_drift
from evaluation.observation import Observation
from evaluation.pages.drift import DriftFigures, Side, drift_json, drift_page
from tests.unit.evaluation.test_drift import halves, shifted


def figures(reference: Observation, current: Observation) -> DriftFigures:
    sides = Side("März.jsonl", 5000, reference), Side("四月.jsonl", len(current), current)
    return DriftFigures(*sides, measure_drift(reference, current), "bundle-1", "index-1")


def test_drift_page_names_the_language_that_moved_and_says_what_was_sampled() -> None:
    found = figures(*shifted(LANGUAGE, "ja", 3))
    page = drift_page(found)
    assert page.summary[0].startswith("Drift: ")
    assert "März.jsonl: 1,000 tickets of 5,000, drawn at random" in page.summary[0]
    assert page.summary[1].startswith("Languages that moved: ja ")
    assert page.summary[2] == "Topics that moved: none."
    assert all(len(row) == len(t.columns) for s in page.sections for t in s.tables for row in t.rows)


def test_drift_json_of_two_halves_finds_nothing() -> None:
    found = json.loads(json.dumps(drift_json(figures(*halves(6))), allow_nan=False))
    assert found["verdict"] == "no drift"
    assert found["moved"] == {"languages": [], "topics": [], "texts_of_languages": []}
    assert found["reference"] == {"source": "März.jsonl", "tickets": 5000, "looked_at": 300}
    assert not any(finding["change"] for finding in found["findings"])

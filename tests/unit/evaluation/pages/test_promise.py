from __future__ import annotations

import json

import pytest

from evaluation.pages.promise import PromiseFigures, promise_json, promise_page
from evaluation.populations import known_populations
from evaluation.promise import Promised
from models.thresholds import POOLED, Bound

POPULATIONS = {population.name: population for population in known_populations(0.05)[:2]}
KEPT = Promised(500, {"billing": 20, POOLED: 3}, 1, 0.5, 0.97)
BROKEN = Promised(500, {"billing": 60}, 2, 0.6, 0.95)
SILENT = Promised(500, {}, 0, 0.0, float("nan"))


def figures(found: Promised, divided: Promised = KEPT) -> PromiseFigures:
    simulated = {name: (population, found) for name, population in POPULATIONS.items()}
    return PromiseFigures(Bound(), simulated, divided, "3,000 tickets", "bundle-1", "index-1")


@pytest.mark.parametrize(("found", "kept"), [(KEPT, True), (BROKEN, False), (SILENT, True)])
def test_promise_page_says_whether_it_was_kept(found: Promised, kept: bool) -> None:
    page = promise_page(figures(found))
    assert ("was kept" in page.summary[1]) == kept
    assert ("NOT" in page.summary[1]) != kept
    assert all(
        len(row) == len(table.columns) for s in page.sections for table in s.tables for row in table.rows
    )


def test_promise_page_names_the_promise_that_was_broken_most_often() -> None:
    rows = promise_page(figures(KEPT)).sections[0].tables[0].rows
    assert {row[2] for row in rows} == {"billing"}
    assert rows[0][3] == 1 - 1 / 500


def test_promise_json_is_json_even_where_nothing_is_answered() -> None:
    found = json.loads(json.dumps(promise_json(figures(KEPT, divided=SILENT)), allow_nan=False))
    assert found["kept_everywhere"] is True
    assert found["divided"]["right"] is None
    assert found["simulated"]["calibrated"]["kept"]["value"] == 0.96
    assert found["simulated"]["calibrated"]["broken"] == {"billing": 20, POOLED: 3}
    assert "nan" not in " ".join(promise_page(figures(KEPT, divided=SILENT)).summary)

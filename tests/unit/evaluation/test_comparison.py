from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from evaluation.comparison import Compared, FigureName, SliceKind, agree, compare, measure
from tests.unit.evaluation.outcomes import EACH, LANGUAGES, make_labels, misread, perfect

LABELS = make_labels()
BEST = perfect(LABELS)
JUDGED = (FigureName.TOPIC, FigureName.CATEGORY_RECALL)


def rows_of(found: list[Compared], figure: FigureName) -> dict[str, Compared]:
    return {row.name: row for row in found if row.figure is figure}


def test_measure_perfect_outcomes_are_one_everywhere() -> None:
    found = measure(LABELS, BEST)
    for figure in FigureName:
        if figure not in (FigureName.ANSWERED, FigureName.CATEGORY_RECALL):
            assert {name: found["language"][name][figure] for name in LANGUAGES} == dict.fromkeys(
                LANGUAGES, 1.0
            )
    assert found["all"]["all"]["answered"] == pytest.approx(2 / 3)
    assert found["category"]["returns"]["category_recall"] == 1.0


def test_compare_one_language_worse_shows_there_and_not_elsewhere() -> None:
    worse = misread(BEST, LABELS, (LABELS.language == "ja") & (np.arange(len(LABELS.language)) % 3 == 0))
    topics = rows_of(compare(LABELS, BEST, worse, judged=JUDGED, resamples=2000), FigureName.TOPIC)
    assert topics["ja"].second == pytest.approx(2 / 3)
    assert topics["ja"].joint.high < 0
    assert (topics["de"].joint.low, topics["de"].joint.high) == (0, 0)
    assert topics["all"].tickets == len(LANGUAGES) * 3 * EACH


def test_compare_joint_intervals_are_wider() -> None:
    random = np.random.default_rng(1)
    rows = random.random((2, len(LABELS.language))) < 0.2
    found = compare(LABELS, misread(BEST, LABELS, rows[0]), misread(BEST, LABELS, rows[1]), judged=JUDGED)
    for row in rows_of(found, FigureName.TOPIC).values():
        assert row.joint.low < row.interval.low < row.interval.high < row.joint.high


def test_compare_equal_bundles_are_seldom_told_apart() -> None:
    """Two models that err equally often but on other tickets: no joint interval may exclude zero by chance."""
    told_apart = 0
    for seed in range(20):
        rows = np.random.default_rng(seed).random((2, len(LABELS.language))) < 0.1
        first, second = (misread(BEST, LABELS, some) for some in rows)
        found = compare(LABELS, first, second, judged=JUDGED, resamples=1500)
        told_apart += any(row.joint.high < 0 for row in found if row.figure in JUDGED)
    assert told_apart <= 3


def test_compare_row_is_json_even_without_a_number() -> None:
    found = compare(LABELS, BEST, BEST, judged=JUDGED, resamples=100)
    silent = [
        row for row in found if row.figure is FigureName.ANSWERED_RIGHT and row.kind is SliceKind.LANGUAGE
    ]
    assert json.loads(json.dumps([row.plain() for row in silent], allow_nan=False))


def test_agree_counts_every_ticket_once() -> None:
    other = misread(BEST, LABELS, LABELS.language == "de")
    found = agree(BEST, other)
    assert found.both + found.only_first + found.only_second + found.neither == found.tickets
    assert (found.only_first, found.only_second, found.other_article) == (2 * EACH, 0, 0)
    assert found.same_category == 2 * 3 * EACH
    assert found.share == pytest.approx(1 - 2 * EACH / found.tickets)


def test_agree_same_decision_with_another_article_is_no_agreement() -> None:
    other = replace(BEST, article=np.where(LABELS.language == "ja", "KB-wrong", BEST.article))
    assert agree(BEST, other).other_article == 2 * EACH
    assert agree(BEST, other).share < 1

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from data.history.tickets import Skip, Skipped
from evaluation.backtest.labels import NO_ARTICLE, UNLABELLED
from evaluation.backtest.survey import (
    cut_history,
    fingerprint,
    names_no_article,
    read_empty_as_none,
    survey,
)
from tests.unit.evaluation.backtest.builders import NAMES, FixedHistory, ticket


def test_survey_counts_what_is_there() -> None:
    rows = [
        ticket("退款", 0, "KB002"),
        Skipped(2, Skip.EMPTY),
        ticket("Hola", None, ""),
        ticket("Paket?", 40, "keiner"),
    ]
    found = survey(FixedHistory(rows), NAMES)
    assert (len(found), found.rows, dict(found.skipped)) == (3, 4, {Skip.EMPTY: 1})
    assert found.truth.tolist() == [1, UNLABELLED, NO_ARTICLE]
    assert found.months() == ["2026-01", "unknown", "2026-02"]


def test_survey_texts_that_differ_in_case_digits_and_marks_come_again() -> None:
    rows = [
        ticket("Wo ist LM-123?"),
        ticket("wo ist lm-98!!"),
        ticket("注文１２はどこ"),
        ticket("注文99は、どこ"),
        ticket("123"),
    ]
    assert survey(FixedHistory(rows), NAMES).repeated.tolist() == [False, True, False, True, False]
    assert fingerprint("123") != fingerprint("456"), "a text without letters is compared as it is"


def test_read_empty_as_none_only_changes_what_is_not_labelled() -> None:
    found = survey(FixedHistory([ticket("a", article="KB001"), ticket("b")]), NAMES)
    assert found.labelled.tolist() == [True, False]
    assert read_empty_as_none(found).truth.tolist() == [0, NO_ARTICLE]


def test_names_no_article_where_the_folder_is_another_one() -> None:
    assert names_no_article(survey(FixedHistory([ticket("a", article="SOL-9"), ticket("b")]), NAMES))
    assert not names_no_article(
        survey(FixedHistory([ticket("a", article="SOL-9"), ticket("b", article="KB001")]), NAMES)
    )
    assert not names_no_article(survey(FixedHistory([ticket("a")]), NAMES))


def test_cut_history_measures_the_latest_days_and_what_has_no_date() -> None:
    rows = [ticket(f"ticket {chr(97 + day)}", day) for day in range(20)] + [ticket("undated")]
    found = survey(FixedHistory(rows), NAMES)
    cut = cut_history(found, 0.25)
    assert cut.method == "time"
    assert cut.earlier.tolist() == [True] * 14 + [False] * 7
    told = cut_history(found, 0.25, datetime(2026, 1, 3, tzinfo=UTC))
    assert told.earlier.sum() == 2


def test_cut_history_without_dates_keeps_texts_that_come_again_on_one_side() -> None:
    rows = [ticket(f"返金 {chr(0x4E00 + number)}") for number in range(400)] * 2
    cut = cut_history(survey(FixedHistory(rows), NAMES), 0.4)
    assert cut.method == "hash"
    np.testing.assert_array_equal(cut.earlier[:400], cut.earlier[400:])
    assert 0.5 < cut.earlier.mean() < 0.7

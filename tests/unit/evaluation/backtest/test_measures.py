"""Figures that can be checked by counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.backtest.labels import UNLABELLED
from evaluation.backtest.measures import Backtest
from evaluation.backtest.replies import DEFAULT_BAR, read_replies
from evaluation.backtest.sentences import missing_labels, warn_unfamiliar
from evaluation.backtest.survey import Cut, measure_everything, survey
from evaluation.figures import plain
from evaluation.metrics import share
from models.thresholds import Bound
from serving.settings.desk import CostSettings
from tests.unit.evaluation.backtest.builders import NAMES, FixedHistory, judged, ticket

COSTS = CostSettings(traditional_ticket=30, human_ticket=30, automated_ticket=10, target_ticket=15)
ROWS = [
    ticket("退款在哪里", 0, "KB002"),
    ticket("Mein Geld?", 1, "KB001"),
    ticket("mein geld!", 2, "KB001"),
    ticket("¿Mi dinero?", 3, "", "Vea KB002"),
    ticket("返金はまだですか", 40, "", "Siehe KB001"),
    ticket("Remboursement", None, "none"),
]


def backtest(rows=ROWS, articles=(1, 1, 1, 1, 1, 1), answered=(1, 1, 1, 1, 1, 0), **changes) -> Backtest:  # type: ignore[no-untyped-def]
    found = survey(FixedHistory(rows), NAMES)
    verdicts = judged(articles, changes.pop("probabilities", [0.9] * len(rows)), [bool(a) for a in answered])
    made = Backtest(
        survey=found,
        cut=measure_everything(found),
        judged=verdicts,
        replies=read_replies(found, verdicts),
        thresholds={"billing": 0.8},
        bound=Bound(),
        costs=COSTS,
    )
    return replace(made, **changes)


def test_figures_share_is_of_all_measured_tickets_with_its_exact_interval() -> None:
    found = backtest().figures()["predicted_resolvable"]
    expected = share(5, 6)
    assert found == {"value": 5 / 6, "low": expected.low, "high": expected.high, "of": 6}


def test_figures_labels_count_a_repeated_text_once_and_leave_the_unlabelled_out() -> None:
    precision = backtest().figures()["precision"]
    assert precision["answers"] == 5
    assert (precision["labels"]["of"], precision["labels"]["value"]) == (2, 0.5)
    assert precision["labels"]["share_of_answers"] == pytest.approx(2 / 5)
    assert (precision["labels_if_empty_is_none"]["of"], precision["labels_if_empty_is_none"]["value"]) == (
        4,
        0.25,
    )
    assert precision["expected"] == pytest.approx(0.9)


def test_figures_replies_are_reported_apart_from_labels() -> None:
    replies = backtest().figures()["precision"]["replies"]
    assert (replies["of"], replies["value"]) == (2, 0.5)
    assert replies["share_of_answers"] == pytest.approx(2 / 5)


def test_figures_without_labels_give_an_expectation_and_no_precision() -> None:
    rows = [ticket("返金"), ticket("Rückerstattung")]
    figures = plain(backtest(rows, (1, 1), (1, 1)).figures())
    assert figures["precision"]["labels"]["value"] is None
    assert figures["precision"]["replies"]["value"] is None
    assert figures["precision"]["expected"] == pytest.approx(0.9)
    assert figures["ranking"]["aurc"] is None
    assert figures["money"]["savings_after_wrong_answers"] is None


def test_figures_learnt_and_refused_tickets_are_not_measured() -> None:
    made = backtest()
    verdicts = made.judged.copy()
    verdicts["refused"][5] = True
    cut = Cut("time", None, np.array([True, True, False, False, False, False]))
    figures = replace(made, judged=verdicts, cut=cut).figures()
    assert figures["predicted_resolvable"]["of"] == figures["tickets"]["measured"] == 3
    assert set(figures["by_month"]) == {"2026-01", "2026-02"}


def test_figures_slices_add_up_to_the_whole() -> None:
    figures = backtest().figures()
    for name in ("by_category", "by_language", "by_channel", "by_month"):
        assert sum(group["tickets"] for group in figures[name].values()) == 6
        answers = sum(group["precision"]["answers"] for group in figures[name].values())
        assert answers == figures["precision"]["answers"]


def test_figures_unproven_share_is_what_the_models_expect_to_be_right() -> None:
    made = backtest(answered=(0,) * 6, thresholds={"billing": None}, probabilities=[0.97] * 5 + [0.3])
    figures = made.figures()
    assert figures["predicted_resolvable"]["value"] == 0
    assert figures["unproven"]["predicted_resolvable"]["value"] == pytest.approx(5 / 6)
    assert figures["unproven"]["precision"]["expected"] == pytest.approx(0.97)
    assert figures["by_category"]["billing"]["unproven_share"] == pytest.approx(5 / 6)


def test_figures_unproven_tickets_respect_every_other_rule() -> None:
    made = backtest(answered=(0,) * 6, thresholds={"billing": None}, probabilities=[0.97] * 6)
    verdicts = made.judged.copy()
    verdicts["allowed"][:4] = False
    assert int(replace(made, judged=verdicts).unproven.sum()) == 2


def test_money_uses_the_configured_costs_and_takes_wrong_answers_off() -> None:
    money = backtest().money()
    assert money["cost_per_ticket"] == pytest.approx((5 * 10 + 1 * 30) / 6)
    assert money["savings"] == pytest.approx(5 * 20)
    assert money["savings_low"] <= money["savings"] <= money["savings_high"]
    assert money["savings_after_wrong_answers"] == pytest.approx(100 - 0.5 * 5 * 30)


def test_missing_labels_say_how_many_for_which_category() -> None:
    rows = [ticket(f"返金 {chr(0x4E00 + number)}", article="KB002") for number in range(30)]
    found = missing_labels(backtest(rows, [1] * 30, [1] * 30, probabilities=[0.9] * 30))
    assert [row["tickets"] for row in found] == [29]
    assert found[0]["sentence"].startswith(
        "billing: 29 more tickets with the article that solved them would prove"
    )


def test_missing_labels_of_a_category_without_a_threshold_would_allow_one() -> None:
    made = backtest([ticket("返金"), ticket("Geld")], (1, 1), (0, 0), thresholds={}, probabilities=[0.97] * 2)
    assert "at least 59 more" in missing_labels(made)[0]["sentence"]
    assert "would allow a threshold for billing" in missing_labels(made)[0]["sentence"]


def test_missing_labels_that_already_prove_a_threshold_say_that_training_would_set_it() -> None:
    rows = [ticket(f"返金 {chr(0x4E00 + number)}", article="KB002") for number in range(70)]
    found = missing_labels(backtest(rows, [1] * 70, [0] * 70, thresholds={}, probabilities=[0.97] * 70))
    assert found[0]["tickets"] == 0
    assert "training on them would set it" in found[0]["sentence"]


def test_figures_tickets_unlike_those_learnt_from_are_counted_and_warned_of() -> None:
    made = backtest()
    assert made.figures()["unfamiliar"] is None
    verdicts = made.judged.copy()
    verdicts["distance"] = [0.4, 0.4, 0.4, 0.4, 0.1, 0.1]
    found = replace(made, judged=verdicts, familiar=0.3).figures()["unfamiliar"]
    assert (found["value"], found["of_answers"]) == (4 / 6, 4 / 5)
    assert "unlike the tickets" in warn_unfamiliar(found)[0]
    assert warn_unfamiliar({**found, "low": 0.05}) == []


def test_read_replies_similarity_counts_above_the_bar_only() -> None:
    rows = [ticket("返金", reply="Das Geld kommt bald") for _ in range(3)]
    verdicts = judged((1, 1, 1), (0.9,) * 3, (True,) * 3)
    verdicts["similar"], verdicts["gap"] = 1, [0.3, 0.3, 0.0]
    verdicts["similarity"] = [DEFAULT_BAR, DEFAULT_BAR - 0.1, 0.99]
    found = read_replies(survey(FixedHistory(rows), NAMES), verdicts)
    assert found.article.tolist() == [1, UNLABELLED, UNLABELLED]
    assert not found.validated


def test_read_replies_known_articles_move_the_bar() -> None:
    rows = [
        ticket(f"返金 {chr(0x4E00 + n)}", article="KB002", reply="Das Geld kommt bald") for n in range(60)
    ]
    verdicts = judged([1] * 60, [0.9] * 60, [True] * 60)
    verdicts["similar"], verdicts["gap"], verdicts["similarity"] = 1, 0.3, 0.62
    found = read_replies(survey(FixedHistory(rows), NAMES), verdicts)
    assert (found.bar, found.validated, found.check.value, found.checked) == (0.5, True, 1.0, 60)
    verdicts["similar"] = 0
    assert not read_replies(survey(FixedHistory(rows), NAMES), verdicts).validated

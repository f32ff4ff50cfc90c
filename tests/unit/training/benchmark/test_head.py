from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.public_sets import OUT_OF_SCOPE, LabelledText
from tests.unit.training.benchmark.toy import CONFIG, toy_reader, toy_rows
from training.benchmark.head import Demands, fit_benchmark_head
from training.benchmark.views import ViewName
from training.errors import TrainingError

STRANGE = ("zzqx wvkj 9", "qqqq xxxx", "1234 5678", "§§§ %%%", "ふぇにくすぷろとん", "뭐라고요")


def test_fit_benchmark_head_labels_three_languages() -> None:
    rows = toy_rows()
    head = fit_benchmark_head(rows, toy_reader(), CONFIG, Demands())
    verdicts = head.judge([row.text for row in rows], [row.language for row in rows])
    right = [label == row.label for label, row in zip(verdicts.labels, rows, strict=True)]
    assert np.mean(right) > 0.9
    assert head.refusal is None


def test_fit_benchmark_head_one_language_leaves_others_to_the_embedding() -> None:
    rows = [row for row in toy_rows() if row.language == "en"]
    head = fit_benchmark_head(rows, toy_reader(), CONFIG, Demands(foreign=True))
    assert head.languages == {"en"}
    assert {name for name, share in head.foreign.shares.items() if share} == {ViewName.EMBEDDING}


def test_fit_benchmark_head_strange_texts_are_refused_before_familiar_ones() -> None:
    rows = [*toy_rows(), *(LabelledText(text, OUT_OF_SCOPE, "en") for text in STRANGE)]
    head = fit_benchmark_head(rows, toy_reader(), CONFIG, Demands(strangers=True))
    assert OUT_OF_SCOPE not in head.labels
    known = head.judge([row.text for row in toy_rows()], [row.language for row in toy_rows()])
    strange = head.judge(STRANGE, ["en"] * len(STRANGE))
    assert np.median(strange.strangeness) > np.median(known.strangeness)
    assert np.mean([label == OUT_OF_SCOPE for label in known.labels]) < 0.2
    assert OUT_OF_SCOPE in strange.labels


def test_fit_benchmark_head_one_row_a_label_works_without_holding_out() -> None:
    rows = [
        LabelledText("where is my order", "order", "en"),
        LabelledText("パスワードを忘れました", "password", "ja"),
    ]
    head = fit_benchmark_head(rows, toy_reader(), CONFIG, Demands(strangers=True))
    assert head.judge([row.text for row in rows], ["en", "ja"]).labels == ["order", "password"]


def test_fit_benchmark_head_many_texts_are_read_by_the_network() -> None:
    head = fit_benchmark_head(toy_rows(), toy_reader(), replace(CONFIG, few=10), Demands())
    assert type(head.views[ViewName.EMBEDDING]).__name__ == "EmbeddingView"


def test_fit_benchmark_head_single_label_is_refused() -> None:
    with pytest.raises(TrainingError, match="two labels or more"):
        fit_benchmark_head([LabelledText("a", "x", "de")], toy_reader(), CONFIG, Demands())


def test_fit_benchmark_head_large_set_keeps_the_views_it_was_blended_with() -> None:
    rows = toy_rows()
    large = replace(CONFIG, large=20, held_out_of_large=20)
    head = fit_benchmark_head(rows, toy_reader(), large, Demands())
    verdicts = head.judge([row.text for row in rows], [row.language for row in rows])
    assert np.mean([label == row.label for label, row in zip(verdicts.labels, rows, strict=True)]) > 0.8


def test_fit_benchmark_head_foreign_blend_is_learnt_on_a_language_left_out() -> None:
    rows = [row for row in toy_rows() if row.language != "ja"]
    head = fit_benchmark_head(rows, toy_reader(), CONFIG, Demands(foreign=True))
    assert head.languages == {"de", "en"}
    assert sum(head.foreign.shares.values()) == pytest.approx(1.0)
    assert head.judge(["パスワードを忘れました"], ["ja"]).labels[0] in head.labels

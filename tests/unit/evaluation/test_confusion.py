from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from evaluation.bootstrap import bootstrap_interval
from evaluation.confusion import count_confusion, interval_of_difference
from evaluation.metrics import macro_f1, share

RANDOM = np.random.default_rng(5)
LABELS = ["支払い", "Versand", "retour", "otro"]
TRUTH = RANDOM.choice(LABELS, 300).tolist()
READ = [truth if RANDOM.random() < 0.7 else str(RANDOM.choice(LABELS)) for truth in TRUTH]


def test_confusion_figures_equal_scikit_learn() -> None:
    found = count_confusion(TRUTH, READ)
    assert found.macro_f1.value == pytest.approx(f1_score(TRUTH, READ, average="macro"))
    assert found.accuracy == share(sum(t == r for t, r in zip(TRUTH, READ, strict=True)), 300)
    precision, recall, f1, support = precision_recall_fscore_support(TRUTH, READ, labels=list(found.labels))
    for number, row in enumerate(found.by_class().values()):
        assert row["support"] == support[number]
        assert (row["precision"].value, row["recall"].value, row["f1"].value) == pytest.approx(
            (precision[number], recall[number], f1[number])
        )


def test_confusion_macro_f1_interval_agrees_with_drawing_rows() -> None:
    truth, read = np.array(TRUTH), np.array(READ)
    drawn = bootstrap_interval(lambda rows: macro_f1(truth[rows], read[rows]), len(truth), resamples=500)
    found = count_confusion(TRUTH, READ).macro_f1
    assert (found.low, found.high) == pytest.approx((drawn.low, drawn.high), abs=0.012)


def test_confusion_class_that_is_only_read_costs_precision_but_is_no_row() -> None:
    found = count_confusion(["a", "a", "b"], ["a", "x", "b"])
    assert set(found.by_class()) == {"a", "b"}
    assert found.macro_f1.value == pytest.approx((2 / 3 + 1) / 2)


def test_confusion_class_never_read_has_no_precision_and_no_f1() -> None:
    row = count_confusion(["ja", "zh"], ["ja", "ja"]).by_class()["zh"]
    assert math.isnan(row["precision"].value)
    assert (row["recall"].value, row["f1"].value) == (0.0, 0.0)


def test_confusion_same_rows_same_intervals() -> None:
    assert count_confusion(TRUTH, READ).macro_f1 == count_confusion(TRUTH, READ).macro_f1


def test_interval_of_difference_two_samples_is_as_wide_as_it_should_be() -> None:
    one, other = count_confusion(TRUTH[:150], READ[:150]), count_confusion(TRUTH[150:], READ[150:])
    found = interval_of_difference(one.resampled_accuracy, other.resampled_accuracy, 0.0)
    expected = 2 * 1.96 * np.sqrt(one.resampled_accuracy.var() + other.resampled_accuracy.var())
    assert found.high - found.low == pytest.approx(expected, rel=0.1)
    same = interval_of_difference(one.resampled_accuracy, one.resampled_accuracy, 0.0)
    assert same.high - same.low > 0.1

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluation.novelty import aupr, auroc, false_positive_rate_at, measure_novelty

Rows = tuple[NDArray[np.float64], NDArray[np.bool_]]


def rows(seed: int, levels: int) -> Rows:
    """Scores with many ties where `levels` are few."""
    random = np.random.default_rng(seed)
    positive = random.random(120) < 0.3
    return np.round(random.normal(positive * 1.0, 1.0) * levels) / levels, positive


CASES = [rows(seed, levels) for seed, levels in product(range(3), (1, 1000))]


@pytest.mark.parametrize("case", CASES)
def test_auroc_equals_the_share_of_ordered_pairs(case: Rows) -> None:
    scores, positive = case
    pairs = [(a > b) + (a == b) / 2 for a in scores[positive] for b in scores[~positive]]
    assert auroc(scores, positive) == pytest.approx(np.mean(pairs))
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


@pytest.mark.parametrize("case", CASES)
def test_aupr_equals_precision_summed_over_every_threshold(case: Rows) -> None:
    scores, positive = case
    total = recall = 0.0
    for limit in sorted(set(scores.tolist()), reverse=True):
        found = positive[scores >= limit]
        total += (found.sum() / positive.sum() - recall) * found.mean()
        recall = found.sum() / positive.sum()
    assert aupr(scores, positive) == pytest.approx(total)
    assert aupr(scores, positive) == pytest.approx(average_precision_score(positive, scores))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("recall", [0.5, 0.95, 1.0])
def test_false_positive_rate_at_is_the_least_of_the_thresholds_that_reach_the_recall(
    case: Rows, recall: float
) -> None:
    scores, positive = case
    rates = [
        np.mean(scores[~positive] >= limit)
        for limit in scores
        if np.mean(scores[positive] >= limit) >= recall - 1e-12
    ]
    assert false_positive_rate_at(scores, positive, recall) == pytest.approx(min(rates))


def test_figures_perfect_score_is_perfect_and_its_opposite_is_not() -> None:
    positive = np.array([False, False, True, True])
    scores = np.array([0.1, 0.2, 0.8, 0.9])
    assert (auroc(scores, positive), aupr(scores, positive)) == (1.0, 1.0)
    assert false_positive_rate_at(scores, positive) == 0.0
    assert (auroc(-scores, positive), false_positive_rate_at(-scores, positive)) == (0.0, 1.0)


def test_figures_one_kind_only_is_unknown() -> None:
    scores, none = np.array([0.1, 0.2]), np.zeros(2, dtype=bool)
    assert all(math.isnan(figure(scores, none)) for figure in (auroc, aupr, false_positive_rate_at))
    assert math.isnan(auroc(scores, ~none))
    assert math.isnan(false_positive_rate_at(scores, ~none))


def test_measure_novelty_each_language_has_its_own_figures() -> None:
    scores = np.array([0.1, 0.9, 0.9, 0.1, 0.3])
    truth = np.array([False, True, False, True, False])
    report = measure_novelty(scores, truth, ["ja", "ja", "zh", "zh", "de"])
    assert report["texts"] == 5
    assert (report["by_language"]["ja"]["auroc"], report["by_language"]["zh"]["auroc"]) == (1.0, 0.0)
    assert report["by_language"]["zh"]["fpr95"] == 1.0
    assert report["by_language"]["de"] == {
        "texts": 1,
        "out_of_scope": 0,
        "auroc": None,
        "aupr_out": None,
        "fpr95": None,
    }

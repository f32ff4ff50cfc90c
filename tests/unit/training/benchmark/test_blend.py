from __future__ import annotations

import numpy as np
import pytest

from training.benchmark.blend import Blend, fit_blend
from training.benchmark.folds import deal_folds, deal_groups, group_rows, leave_language_out
from training.benchmark.views import ViewName


def test_fit_blend_useless_view_gets_no_share() -> None:
    random = np.random.default_rng(5)
    targets = random.integers(0, 4, 400)
    good = (np.eye(4)[targets] * 3 + random.standard_normal((400, 4))).astype(np.float32)
    noise = random.standard_normal((400, 4)).astype(np.float32) * 20
    blend = fit_blend({ViewName.EMBEDDING: good, ViewName.NGRAMS: noise}, targets)
    assert blend.shares[ViewName.NGRAMS] <= 0.1


def test_fit_blend_two_independent_views_are_better_together() -> None:
    random = np.random.default_rng(6)
    targets = random.integers(0, 4, 2000)
    logits = {
        name: (np.eye(4)[targets] * 2 + random.standard_normal((2000, 4))).astype(np.float32)
        for name in (ViewName.TOKENS, ViewName.NGRAMS)
    }
    blend = fit_blend({name: found[:1000] for name, found in logits.items()}, targets[:1000])
    joined = blend.log_probabilities({name: found[1000:] for name, found in logits.items()})
    right = (joined.argmax(axis=1) == targets[1000:]).mean()
    assert right > max((found[1000:].argmax(axis=1) == targets[1000:]).mean() for found in logits.values())


def test_blend_log_probabilities_sum_to_one_whatever_the_scale() -> None:
    blend = Blend({ViewName.TOKENS: 50.0}, {ViewName.TOKENS: 1.0}, temperature=0.1)
    logs = blend.log_probabilities({ViewName.TOKENS: np.array([[100.0, -100.0]], dtype=np.float32)})
    assert np.exp(logs).sum() == pytest.approx(1.0)


def test_deal_folds_every_class_is_dealt_out_and_single_rows_are_kept() -> None:
    targets = np.repeat([0, 1, 2], [50, 20, 1])
    folds = deal_folds(targets, folds=5, held_out=20, seed=3)
    assert len(folds) == 2
    for rows in folds:
        assert np.bincount(targets[rows], minlength=3).tolist() == [10, 4, 0]
    assert not set(folds[0].tolist()) & set(folds[1].tolist())


def test_deal_folds_one_row_a_class_holds_nothing_out() -> None:
    assert deal_folds(np.arange(7), folds=5, held_out=100, seed=3) == []


def test_leave_language_out_takes_the_language_with_the_fewest_rows() -> None:
    languages = np.array(["de", "ja", "de", "de", "ja", "en", "en", "en"])
    assert [rows.tolist() for rows in leave_language_out(languages)] == [[1, 4]]


def test_deal_groups_translations_are_held_out_together() -> None:
    names = np.array(["7", "8", "9", "10"] * 3)
    languages = np.repeat(["en", "ja", "zh"], 4)
    groups = group_rows(names, languages)
    folds = deal_groups(np.array([0, 0, 1, 1] * 3), groups, folds=2, held_out=6, seed=1)
    assert [len(rows) for rows in folds] == [6]
    assert all(np.count_nonzero(names[folds[0]] == name) == 3 for name in set(names[folds[0]]))


def test_group_rows_ids_that_are_no_translations_are_ignored() -> None:
    languages = np.array(["de", "ja"] * 3)
    assert group_rows(np.array([""] * 6), languages).tolist() == list(range(6))
    assert group_rows(np.array(["1"] * 6), languages).tolist() == list(range(6))

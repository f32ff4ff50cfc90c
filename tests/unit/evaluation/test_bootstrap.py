from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.bootstrap import bootstrap_interval, bootstrap_mean


def test_bootstrap_mean_agrees_with_the_normal_interval() -> None:
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    found = bootstrap_mean(values)
    error = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - error, abs=0.05)
    assert found.high == pytest.approx(values.mean() + error, abs=0.05)


def test_bootstrap_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    covered = 0
    for draw in range(200):
        found = bootstrap_mean(random.random(80) < 0.7, resamples=300, seed=draw)
        covered += found.low <= 0.7 <= found.high
    assert covered / 200 == pytest.approx(0.95, abs=0.05)


def test_bootstrap_interval_same_seed_gives_the_same_numbers() -> None:
    values = np.arange(20.0)
    assert bootstrap_mean(values, seed=3) == bootstrap_mean(values, seed=3) != bootstrap_mean(values, seed=4)


def test_bootstrap_interval_without_a_row_knows_nothing() -> None:
    found = bootstrap_mean(np.array([]))
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.0, 1.0)


def test_bootstrap_interval_resamples_without_a_value_are_left_out() -> None:
    found = bootstrap_interval(lambda rows: float("nan") if 0 not in rows else 0.5, 5, resamples=50)
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)

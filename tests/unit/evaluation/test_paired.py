from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics import binary_f1 as plain_binary_f1
from evaluation.metrics import macro_f1 as plain_macro_f1
from evaluation.paired import Difference, Figure, binary_f1, differences, macro_f1, rate

LABELS = np.array(["shipping", "account", "other"])


def draw(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = LABELS[random.integers(0, 3, rows)]
    predicted = np.where(random.random(rows) < 0.8, truth, LABELS[random.integers(0, 3, rows)])
    return truth, predicted


def one(first: Figure, second: Figure, confidence: float = 0.95, resamples: int = 2000) -> Difference:
    return differences([first], [second], [confidence], resamples=resamples)[0]


def test_whole_figures_are_those_of_the_metrics() -> None:
    truth, predicted = draw(200, 1)
    assert macro_f1(truth, predicted).whole == pytest.approx(
        plain_macro_f1(truth.tolist(), predicted.tolist())
    )
    urgent, seen = truth == "other", predicted == "other"
    assert binary_f1(urgent, seen).whole == pytest.approx(plain_binary_f1(urgent.tolist(), seen.tolist()))
    assert rate(truth == predicted).whole == pytest.approx(float((truth == predicted).mean()))
    assert rate(truth == predicted, urgent).whole == pytest.approx(
        float((predicted == "other")[urgent].mean())
    )


def test_rate_among_nothing_is_not_a_number() -> None:
    none = np.zeros(4, dtype=np.bool_)
    assert np.isnan(rate(~none, none).whole)


def test_difference_of_equal_models_is_zero_without_width() -> None:
    truth, predicted = draw(100, 2)
    found = one(macro_f1(truth, predicted), macro_f1(truth, predicted))
    assert (found.intervals[0].low, found.intervals[0].value, found.intervals[0].high) == (0, 0, 0)


def test_interval_is_that_of_resampling_row_by_row() -> None:
    """The matrix product against the plain way: draw rows, compute both, take quantiles."""
    truth, first = draw(120, 3)
    _, second = draw(120, 4)
    random = np.random.default_rng(5)
    plain = []
    for _ in range(2000):
        rows = random.integers(0, 120, 120)
        one_f1 = plain_macro_f1(truth[rows].tolist(), first[rows].tolist())
        plain.append(plain_macro_f1(truth[rows].tolist(), second[rows].tolist()) - one_f1)
    found = one(macro_f1(truth, first), macro_f1(truth, second)).intervals[0]
    assert found.low == pytest.approx(np.quantile(plain, 0.025), abs=0.02)
    assert found.high == pytest.approx(np.quantile(plain, 0.975), abs=0.02)


def test_paired_interval_is_narrower_than_the_figures_by_themselves() -> None:
    truth, first = draw(300, 6)
    second = first.copy()
    second[:6] = truth[:6]
    paired = one(rate(truth == first), rate(truth == second)).intervals[0]
    shuffled = np.random.default_rng(0).permutation(truth == second)
    unpaired = one(rate(truth == first), rate(shuffled)).intervals[0]
    assert paired.high - paired.low < (unpaired.high - unpaired.low) / 3


def test_interval_covers_the_true_difference_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        hard = random.random(150) < 0.3
        first = ~(hard & (random.random(150) < 0.5))
        second = ~(hard & (random.random(150) < 0.7))
        found = one(rate(first), rate(second), 0.9, resamples=300).intervals[0]
        covered += found.low <= -0.06 <= found.high
    assert 0.82 <= covered / 200 <= 0.97


def test_higher_confidence_is_wider_and_same_seed_gives_the_same() -> None:
    truth, first = draw(150, 8)
    _, second = draw(150, 9)
    figures = [rate(truth == first)], [rate(truth == second)]
    narrow, wide = differences(*figures, [0.5, 0.99], resamples=500)[0].intervals
    assert wide.low < narrow.low <= narrow.high < wide.high
    assert differences(*figures, [0.5, 0.99], resamples=500)[0].intervals == (narrow, wide)


def test_many_tickets_are_resampled_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, first = draw(150, 8)
    _, second = draw(150, 9)
    whole = one(rate(truth == first), rate(truth == second), resamples=300)
    monkeypatch.setattr("evaluation.paired.CELLS", 1000)
    parts = one(rate(truth == first), rate(truth == second), resamples=300)
    assert parts.intervals[0] == whole.intervals[0]


def test_figure_that_has_no_number_anywhere_says_nothing() -> None:
    none = np.zeros(5, dtype=np.bool_)
    found = one(rate(none, none), rate(none, none))
    assert np.isnan(found.first)
    assert (found.intervals[0].low, found.intervals[0].high) == (-1.0, 1.0)


def test_differences_of_no_figure_are_none() -> None:
    assert differences([], [], [0.95], resamples=10) == []

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from evaluation.label_shift import difference_of_shares, fisher_p_value, measure_label_shift
from evaluation.metrics import share

TOPICS = ["返金", "Lieferung", "facture", "cuenta", "退货"]


def draw(count: int, seed: int, weights: tuple[float, ...] = (1, 1, 1, 1, 1)) -> list[str]:
    shares = np.array(weights) / sum(weights)
    return np.random.default_rng(seed).choice(TOPICS, count, p=shares).tolist()


def test_measure_label_shift_distance_is_hand_computed() -> None:
    found = measure_label_shift(["ja"] * 3 + ["zh"], ["ja", "zh", "zh", "zh"])
    assert found.distance == pytest.approx(0.5)
    assert {m.value: m.difference.value for m in found.moves} == pytest.approx({"ja": -0.5, "zh": 0.5})


def test_measure_label_shift_same_distribution_false_alarms_stay_rare() -> None:
    alarms = [
        measure_label_shift(draw(300, 2 * seed), draw(200, 2 * seed + 1), permutations=300).p_value < 0.05
        for seed in range(100)
    ]
    assert sum(alarms) <= 10


def test_measure_label_shift_value_that_grew_is_named_first() -> None:
    found = measure_label_shift(draw(400, 1), draw(400, 2, (3, 1, 1, 1, 1)))
    assert found.p_value < 0.01
    assert found.moves[0].value == "返金"
    assert found.moved(0.05)[0].difference.low > 0.1


def test_measure_label_shift_one_rare_value_among_many_is_found() -> None:
    rest = [str(number) for number in range(100)] * 20
    found = measure_label_shift([*rest, "停电"], [*rest, *["停电"] * 30])
    assert found.p_value < 0.01
    assert [move.value for move in found.moved(0.05)] == ["停电"]
    assert found.effect == pytest.approx(0.014, abs=0.003)


def test_measure_label_shift_same_seed_same_numbers() -> None:
    one, other = (measure_label_shift(draw(100, 1), draw(100, 2), permutations=100) for _ in range(2))
    assert one == other


def test_difference_of_shares_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(300):
        before, after = random.binomial(80, 0.3), random.binomial(60, 0.4)
        found = difference_of_shares(share(int(before), 80), share(int(after), 60))
        covered += found.low <= 0.1 <= found.high
    assert covered / 300 >= 0.94


def test_fisher_p_value_equals_scipy() -> None:
    assert fisher_p_value((3, 10), (9, 12)) == pytest.approx(fisher_exact([[3, 7], [9, 3]]).pvalue)

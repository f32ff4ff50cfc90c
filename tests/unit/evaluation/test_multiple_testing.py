from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from evaluation.multiple_testing import benjamini_hochberg, holm


def test_holm_hand_computed_in_any_order() -> None:
    assert holm([0.04, 0.01, 0.03]).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_benjamini_hochberg_equals_scipy() -> None:
    p_values = np.random.default_rng(3).random(50) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p_values), false_discovery_control(p_values))


def test_holm_false_alarms_of_many_tests_stay_rare() -> None:
    random = np.random.default_rng(4)
    alarms = sum(holm(random.random(20)).min() < 0.05 for _ in range(1000))
    assert alarms / 1000 == pytest.approx(0.05, abs=0.02)

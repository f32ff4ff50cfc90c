from __future__ import annotations

import math

import numpy as np
import pytest

from models.surface import SIZE, surface_features

LENGTH, CAPITALS, EXCLAMATIONS, QUESTIONS, EMOJI, BREAKS = range(SIZE)


def test_surface_features_known_text_gives_its_counts() -> None:
    row = surface_features(["WO ist es?!!\n\n🙂"])[0]
    assert row[LENGTH] == pytest.approx(math.log1p(15) / 8)
    assert row[CAPITALS] == pytest.approx(2 / 7)
    assert row[EXCLAMATIONS] == pytest.approx(math.log1p(2) / 2)
    assert row[QUESTIONS] == pytest.approx(math.log1p(1) / 2)
    assert row[EMOJI] == pytest.approx(math.log1p(1) / 2)
    assert row[BREAKS] == pytest.approx(math.log1p(2) / 3)


def test_surface_features_full_width_marks_count_like_half_width() -> None:
    full, half = surface_features(["什么？！", "什么?!"])
    np.testing.assert_array_equal(full, half)


def test_surface_features_accented_capitals_count() -> None:
    assert surface_features(["ÉÑÜ"])[0][CAPITALS] == 1


@pytest.mark.parametrize("text", ["", "🙂", "12", "返金してください", "\ud800", "x" * 100_000])
def test_surface_features_any_text_is_finite_and_small(text: str) -> None:
    row = surface_features([text])
    assert (row.shape, row.dtype) == ((1, SIZE), np.float32)
    assert ((row >= 0) & (row <= 2)).all()


def test_surface_features_no_text_gives_no_row() -> None:
    assert surface_features([]).shape == (0, SIZE)

from __future__ import annotations

import json

import numpy as np
import pytest

from data.schema import Language
from evaluation.figures import excerpt, plain
from evaluation.metrics import Interval


def test_plain_figures_become_json() -> None:
    figures = {Language.JA: [Interval(0.5, 0.25, float("nan"))], 1: np.array([1.5, 2.0]), "n": np.int64(3)}
    found = json.loads(json.dumps(plain(figures), allow_nan=False))
    assert found == {"ja": [{"value": 0.5, "low": 0.25, "high": None}], "1": [1.5, 2.0], "n": 3}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("返金は\n  いつですか", "返金は いつですか"),
        ("Schreiben Sie an eva.braun@beispiel.de", "Schreiben Sie an [email]"),
        ("电话 138 0013 8000", "电话 [number]"),
        ("a" * 50, "a" * 19 + "…"),
    ],
)
def test_excerpt_is_one_short_line_without_personal_data(text: str, shown: str) -> None:
    assert excerpt(text, 40 if len(text) < 45 else 20) == shown

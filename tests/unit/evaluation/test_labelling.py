from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from data.public_sets import LabelledText
from evaluation.labelling import Labelling, figures_of, macro_f1_of_codes
from evaluation.metrics import macro_f1


def labelling(rows: Sequence[tuple[str, str, str, float]], nearest: Sequence[str] | None = None) -> Labelling:
    """Rows are language, truth, prediction and strangeness."""
    texts = [LabelledText("…", truth, language) for language, truth, _, _ in rows]
    predicted = [row[2] for row in rows]
    return Labelling.of(texts, predicted, nearest or predicted, np.array([row[3] for row in rows]))


def test_figures_of_without_out_of_scope_rows_has_no_figure_of_them() -> None:
    figures = figures_of(labelling([("en", "a", "a", 0), ("ja", "b", "a", 0), ("ja", "b", "b", 0)]))
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["by_language"]["ja"] == {"accuracy": 0.5, "macro_f1": pytest.approx(2 / 3)}
    assert not [name for name in figures if name.startswith("oos")]


def test_figures_of_refused_row_in_scope_is_wrong() -> None:
    rows = [
        ("en", "a", "oos", 0.9),
        ("de", "a", "a", 0.1),
        ("zh", "oos", "oos", 0.8),
        ("zh", "oos", "a", 0.0),
    ]
    figures = figures_of(labelling(rows, ["a", "a", "b", "a"]))
    assert figures["accuracy"] == 0.5
    assert figures["accuracy_without_refusal"] == 1.0
    assert figures["oos_recall"] == figures["in_scope_refused"] == 0.5
    assert set(figures["by_language"]) == {"en", "de"}


def test_figures_of_false_positive_rate_is_of_strangers_that_pass_with_the_in_scope_rows() -> None:
    inside = [("fr", "a", "a", score / 100) for score in range(100)]
    outside = [("fr", "oos", "a", score) for score in (0.5, 0.9, 0.96, 2.0)]
    assert figures_of(labelling([*inside, *outside]))["oos_fpr95"] == 0.5


def test_figures_of_only_out_of_scope_rows_gives_their_recall() -> None:
    assert figures_of(labelling([("es", "oos", "oos", 1.0)]))["oos_recall"] == 1.0


def test_macro_f1_of_codes_agrees_with_the_plain_definition() -> None:
    random = np.random.default_rng(1)
    truth, predicted = random.integers(0, 5, 200), random.integers(0, 7, 200)
    expected = macro_f1([str(code) for code in truth], [str(code) for code in predicted])
    assert macro_f1_of_codes(truth, predicted, 7) == pytest.approx(expected)

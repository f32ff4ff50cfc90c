from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

import evaluation.bitext
from data.bitext import SentencePair
from evaluation.bitext import measure_bitext, nearest
from models.encoder import TextKind, unit_rows

MEANINGS = {
    "refund": 0,
    "Rückerstattung": 0,
    "返金": 0,
    "parcel": 1,
    "Paket": 1,
    "荷物": 1,
    "password": 2,
    "Passwort": 2,
    "パスワード": 2,
    "code": 3,
    "Kode": 2,  # read wrongly
}


class MeaningEncoder:
    """Knows what a few words mean."""

    id = "meaning@1"
    dim = 4

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        return np.eye(4, dtype=np.float32)[[MEANINGS[text] for text in texts]]


def test_measure_bitext_counts_each_direction_by_itself() -> None:
    pairs = [
        SentencePair("refund", "Rückerstattung"),
        SentencePair("password", "Passwort"),
        SentencePair("code", "Kode"),
    ]
    figures = measure_bitext(pairs, MeaningEncoder()).figures()
    assert figures == {
        "accuracy_en_to_x": pytest.approx(2 / 3),
        "accuracy_x_to_en": pytest.approx(2 / 3),
        "pairs": 3,
    }


def test_measure_bitext_repeated_sentences_are_right_whichever_is_found() -> None:
    pairs = [SentencePair("refund", "返金"), SentencePair("parcel", "荷物"), SentencePair("refund", "返金")]
    result = measure_bitext(pairs, MeaningEncoder())
    assert result.en_to_x.tolist() == result.x_to_en.tolist() == [True, True, True]


def test_measure_bitext_languages_are_searched_apart() -> None:
    pairs = [SentencePair("refund", "Rückerstattung", "de"), SentencePair("refund", "返金", "ja")]
    pairs += [SentencePair("code", "Kode", "de"), SentencePair("parcel", "荷物", "ja")]
    by_language = measure_bitext(pairs, MeaningEncoder()).figures()["by_language"]
    assert by_language == {
        "de": {"accuracy_en_to_x": 0.5, "accuracy_x_to_en": 0.5},
        "ja": {"accuracy_en_to_x": 1.0, "accuracy_x_to_en": 1.0},
    }


def test_nearest_small_blocks_give_what_one_product_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    queries, candidates = (unit_rows(random.standard_normal((n, 8)).astype(np.float32)) for n in (53, 17))
    expected = (queries @ candidates.T).argmax(axis=1)
    monkeypatch.setattr(evaluation.bitext, "BLOCK_SCORES", 40)
    assert nearest(queries, candidates).tolist() == expected.tolist()

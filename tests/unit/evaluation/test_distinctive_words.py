from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.distinctive_words import distinctive_words, words_of


def near(words: Sequence[str]) -> NDArray[np.float32]:
    return np.ones(len(words), dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Die Geschenkkarte 4711 ist weg", "de", {"geschenkkarte"}),
        ("ギフトカードの残高を確認", "ja", {"ギフトカード", "残高", "確認"}),
        ("礼品卡余额", "zh", {"礼品", "礼品卡", "余额"}),
        ("¿Dónde está?", "es", {"dónde", "está"}),
        ("🙂 123", "en", set()),
    ],
)
def test_words_of_each_script_has_its_words(text: str, language: str, words: set[str]) -> None:
    assert words <= words_of(text, language)
    assert not any(map(str.isdigit, "".join(words_of(text, language))))


def test_distinctive_words_frequent_elsewhere_are_none() -> None:
    group = [
        words_of(text, "de")
        for text in ("bitte Geschenkkarte", "bitte Geschenkkarte kaufen", "Geschenkkarte bitte")
    ]
    rest = [words_of("bitte Rechnung", "de")] * 20
    everything = Counter(word for words in (*group, *rest) for word in words)
    assert distinctive_words(group, everything, 23, near) == ["geschenkkarte"]


def test_distinctive_words_far_from_the_meaning_are_left_out() -> None:
    group = [words_of("明天的礼品卡", "zh")] * 4
    everything = Counter(word for words in group for word in words)
    far = lambda words: np.array([0.9 if "礼品" in word else 0.0 for word in words], dtype=np.float32)  # noqa: E731
    found = distinctive_words(group, everything, 40, far)
    assert found
    assert all("礼品" in word for word in found)


def test_distinctive_words_of_too_few_texts_may_be_names_and_are_left_out() -> None:
    group = [words_of("Grüße, Annegret Musterfrau", "de")] * 2
    assert distinctive_words(group, Counter(word for words in group for word in words), 50, near) == []


def test_distinctive_words_none_is_part_of_another() -> None:
    group = [words_of("积分兑换", "zh")] * 5
    found = distinctive_words(group, Counter(word for words in group for word in words), 50, near)
    assert not any(one != other and one in other for one in found for other in found)

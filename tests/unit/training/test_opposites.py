from __future__ import annotations

import pytest

from data.schema import Language
from training.opposites import without_negation


@pytest.mark.parametrize(
    ("language", "text", "stated"),
    [
        ("en", "I am not happy", "I am  happy"),
        ("en", "It doesn’t work", "It does work"),
        ("en", "I can't log in", "I can log in"),
        ("es", "No puedo entrar", " puedo entrar"),
        ("fr", "Je n'aime pas ça", "Je aime  ça"),
        ("de", "Ich habe kein Paket", "Ich habe ein Paket"),
        ("ja", "満足していません", "満足しています"),
        ("ja", "使えなかった", "使えた"),
        ("zh", "我没有收到包裹", "我有收到包裹"),
        ("zh", "我不满意", "我满意"),
    ],
)
def test_without_negation_text_with_one_is_turned_around(language: str, text: str, stated: str) -> None:
    assert without_negation(text, Language(language)) == stated


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Note the knot"),
        ("de", "Wo ist mein Paket?"),
        ("ja", "注文はどこですか"),
        ("zh", "不"),
        ("fr", ""),
    ],
)
def test_without_negation_text_without_one_has_no_opposite(language: str, text: str) -> None:
    assert without_negation(text, Language(language)) is None

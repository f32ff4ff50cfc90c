from __future__ import annotations

import random

import pytest

from data.schema import Language
from training.noise import roughen

TEXTS = {
    Language.EN: "Where is my order? I want my money back, please.",
    Language.FR: "Où est ma commande ? Je préfère être remboursé.",
    Language.JA: "注文した商品が届きません。返金してください。",
    Language.ZH: "我的订单在哪里？请尽快退款，谢谢。",
}


@pytest.mark.parametrize("language", list(TEXTS))
def test_roughen_text_changes_a_little_and_repeats_exactly(language: Language) -> None:
    text = TEXTS[language]
    rough = [roughen(text, language, random.Random(seed)) for seed in range(30)]
    assert rough == [roughen(text, language, random.Random(seed)) for seed in range(30)]
    assert sum(one != text for one in rough) >= 20
    assert all(abs(len(one) - len(text)) <= 8 for one in rough)


@pytest.mark.parametrize("text", ["", "。", "!", "a"])
def test_roughen_text_of_almost_nothing_never_gets_blank(text: str) -> None:
    for seed in range(20):
        rough = roughen(text, Language.JA, random.Random(seed))
        assert bool(rough.strip()) == bool(text.strip())

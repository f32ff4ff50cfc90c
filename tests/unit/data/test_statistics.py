from __future__ import annotations

import pytest

from data.schema import Language
from data.statistics import character_grams, jaccard


def test_character_grams_western_text_is_cut_into_fours() -> None:
    assert character_grams("Hallo  Ö", Language.DE) == {"hall", "allo", "llo ", "lo ö"}


def test_character_grams_chinese_and_japanese_are_cut_into_twos() -> None:
    assert character_grams("转人工", Language.ZH) == {"转人", "人工"}
    assert character_grams("ﾊﾟｽ", Language.JA) == character_grams("パス", Language.JA) == {"パス"}


def test_character_grams_case_width_and_spacing_do_not_count() -> None:
    assert character_grams("ＡＧＥＮＴ \n ", Language.EN) == character_grams("agent", Language.EN)


@pytest.mark.parametrize("text", ["", "a", "是"])
def test_character_grams_shorter_text_is_one_gram(text: str) -> None:
    assert character_grams(text, Language.EN) == {text}


def test_jaccard_known_sets_gives_the_share() -> None:
    assert jaccard(frozenset("abc"), frozenset("bcd")) == pytest.approx(0.5)
    assert jaccard(frozenset("ab"), frozenset("ab")) == 1.0
    assert jaccard(frozenset(), frozenset()) == 0.0

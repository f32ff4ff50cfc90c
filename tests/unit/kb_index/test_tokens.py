from __future__ import annotations

import pytest

from kb_index.tokens import fold, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Wi-Fi", ["^wi$", "^fi$"]),
        ("Password", ["^pass", "passw", "asswo", "sswor", "sword", "word$"]),
        ("où", ["^ou$"]),
        ("退货", ["退", "货", "退货"]),
        ("送料は?", ["送", "料", "送料", "料は"]),
        ("ログ", ["ログ"]),
        ("は", ["は"]),
        ("App崩溃", ["^app$", "崩", "溃", "崩溃"]),
        ("", []),
        ("🙂 … ___ \x00", []),
    ],
)
def test_tokenize_text_of_any_script_gives_its_grams(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    ("one", "other"), [("RÜCKGABE", "ruckgabe"), ("Café", "cafe\u0301"), ("ｶﾞｽ", "ガス"), ("ＷｉＦｉ", "wifi")]
)
def test_fold_same_word_in_two_spellings_is_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_fold_kana_with_voicing_marks_keeps_them() -> None:
    assert fold("ガパ") == "ガパ"


def test_tokenize_part_of_a_german_compound_shares_tokens_with_it() -> None:
    assert set(tokenize("Erstattung")) & set(tokenize("Rückerstattung"))

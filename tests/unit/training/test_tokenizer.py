from __future__ import annotations

import pytest
import sentencepiece

from tests.unit.models.tiny import TEXTS
from training.tokenizer import normalization_rules, train_tokenizer


def decode(hexes: str) -> str:
    return "".join(chr(int(code, 16)) for code in hexes.split())


@pytest.fixture(scope="module")
def rules() -> dict[str, str]:
    lines = (line.split("\t") for line in normalization_rules().splitlines())
    return {decode(source): decode(target) for source, target in lines}


@pytest.fixture(scope="module")
def processor() -> sentencepiece.SentencePieceProcessor:
    model = train_tokenizer([*TEXTS] * 5, 300, seed=13)
    return sentencepiece.SentencePieceProcessor(model_proto=model)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("A", "a"),
        ("É", "é"),
        ("e\u0301", "é"),
        ("Ａ", "a"),
        ("①", "1"),
        ("國", "国"),  # traditional Chinese
        ("気", "气"),  # Japanese new form
        ("処", "处"),
        ("ﾊﾟ", "パ"),
        ("¿", " "),
        ("「", " "),
        ("\n", " "),
        ("\x00", None),
        ("\u200b", ""),
        ("\u202e", ""),
    ],
)
def test_normalization_rules_character_becomes_what_it_means(
    rules: dict[str, str], source: str, target: str | None
) -> None:
    assert rules.get(source) == target


@pytest.mark.parametrize("character", ["a", "ñ", "ß", "国", "あ", "パ", "?", "!", "7"])
def test_normalization_rules_character_that_is_right_stays(rules: dict[str, str], character: str) -> None:
    assert rules.get(character, character) == character


def test_train_tokenizer_spellings_of_one_text_share_tokens(
    processor: sentencepiece.SentencePieceProcessor,
) -> None:
    for one, other in [("我的訂單", "我的订单"), ("PASSWORT", "passwort"), ("¿Dónde?", "dónde?")]:
        assert processor.encode(one) == processor.encode(other)


def test_train_tokenizer_same_seed_gives_the_same_model() -> None:
    first, second = (train_tokenizer([*TEXTS] * 5, 300, seed=13) for _ in range(2))
    pieces = [
        [p.id_to_piece(i) for i in range(p.get_piece_size())]
        for p in (sentencepiece.SentencePieceProcessor(model_proto=model) for model in (first, second))
    ]
    assert pieces[0] == pieces[1]


def test_train_tokenizer_unknown_is_the_only_special_token(
    processor: sentencepiece.SentencePieceProcessor,
) -> None:
    assert (processor.unk_id(), processor.bos_id(), processor.eos_id()) == (0, -1, -1)

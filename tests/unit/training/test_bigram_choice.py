from __future__ import annotations

import sentencepiece

from tests.unit.models.tiny import TEXTS, tiny_tokenizer
from training.bigram_choice import choose_bigrams
from training.ragged import ragged


def processor() -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_proto=tiny_tokenizer())


def chosen(texts: dict[str, list[str]], count: int) -> list[tuple[str, str]]:
    tokenizer = processor()
    found = choose_bigrams(
        {code: ragged(tokenizer.encode(own)) for code, own in texts.items()}, count, tokenizer
    )
    return [(tokenizer.id_to_piece(int(a)), tokenizer.id_to_piece(int(b))) for a, b in found.pairs]


def test_choose_bigrams_rare_language_gets_its_share() -> None:
    texts = {"en": list(TEXTS[:2]) * 50, "ja": list(TEXTS[6:8]) * 2}
    pairs = chosen(texts, 40)
    assert len(pairs) == 40
    tokenizer = processor()
    japanese = {piece for ids in tokenizer.encode(texts["ja"]) for piece in map(tokenizer.id_to_piece, ids)}
    assert sum(first in japanese and second in japanese for first, second in pairs) >= 8


def test_choose_bigrams_marks_and_single_occurrences_are_left_out() -> None:
    pairs = chosen({"de": ["Wo ist meine Bestellung? Passwort vergessen!"], "fr": list(TEXTS[4:5]) * 2}, 500)
    assert pairs
    assert all(piece.strip("▁").isalpha() for pair in pairs for piece in pair)
    german_only = chosen({"de": ["Wo ist meine Bestellung?"]}, 500)
    assert len(german_only) < len(pairs)

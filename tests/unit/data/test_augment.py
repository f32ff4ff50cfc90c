from __future__ import annotations

import random
from dataclasses import replace

import pytest

from data.augment import (
    AUGMENTED,
    CHANGES,
    FILLERS,
    GREETINGS,
    KEYBOARDS,
    SIGNATURES,
    add_typos,
    augment,
    change_case,
    change_style,
    strip_accents,
    wrap_mail,
)
from data.errors import DataError
from data.schema import LabelledTicket, Language, Split
from tests.unit.data.builders import training_ticket

MESSAGES = {
    Language.EN: "Where is my order? It's been two weeks since I left the café.",
    Language.ES: "¿Dónde está mi pedido? Llevo dos semanas esperándolo, señores.",
    Language.FR: "Où est passée ma commande ? Ça fait déjà deux semaines que j'attends.",
    Language.DE: "Wo bleibt meine Bestellung? Ich warte schon zwei Wochen darauf, größter Ärger.",
    Language.JA: "注文した商品はどこですか？もう二週間も待っています。",
    Language.ZH: "我的订单到哪里了？已经等了两个星期了。",
}
KEPT = ("language", "channel", "category", "topic", "article_id", "sentiment", "urgent", "split", "pattern")


def tickets() -> list[LabelledTicket]:
    return [training_ticket(language, message, "Betreff") for language, message in MESSAGES.items()]


def test_augment_same_input_gives_the_same_output() -> None:
    assert augment(tickets(), 4, seed=1) == augment(tickets(), 4, seed=1)


def test_augment_other_seed_gives_other_texts() -> None:
    first, second = ([copy.message for copy in augment(tickets(), 4, seed)] for seed in (1, 2))
    assert first != second


def test_augment_a_ticket_does_not_depend_on_the_others() -> None:
    assert augment(tickets()[3:4], 2) == augment(tickets(), 2)[6:8]


def test_augment_variants_keep_labels_and_pattern() -> None:
    copies = augment(tickets(), 3)
    sources = [ticket for ticket in tickets() for _ in range(3)]
    assert len({copy.id for copy in copies}) == 3 * len(Language)
    for copy, source in zip(copies, sources, strict=True):
        assert [getattr(copy, name) for name in KEPT] == [getattr(source, name) for name in KEPT]
        assert (copy.source, copy.id.partition("~")[0]) == (AUGMENTED, source.id)
        assert copy.message.strip()


@pytest.mark.parametrize("split", [Split.CALIBRATION, Split.TEST])
def test_augment_ticket_of_another_split_is_refused(split: Split) -> None:
    with pytest.raises(DataError, match="only training tickets"):
        augment([replace(tickets()[0], split=split)], 1)


def test_augment_message_of_marks_only_never_becomes_empty() -> None:
    copies = augment([training_ticket(Language.DE, "???", number=n) for n in range(40)], 2)
    assert all(copy.message.strip() for copy in copies)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_change_every_language_alters_some_text(change, language: Language) -> None:  # type: ignore[no-untyped-def]
    results = {change(MESSAGES[language], language, random.Random(seed)) for seed in range(20)}
    assert results - {MESSAGES[language]}


@pytest.mark.parametrize("language", Language)
def test_add_typos_long_text_stays_readable(language: Language) -> None:
    text = MESSAGES[language] * 5
    typed = add_typos(text, language, random.Random(3))
    assert abs(len(typed) - len(text)) <= len(text) / 20
    assert set(text) - set(typed) == set()


def test_add_typos_german_keyboard_offers_its_own_neighbours() -> None:
    assert "qwertz" in KEYBOARDS[Language.DE][0]
    slips = {add_typos("t", Language.DE, random.Random(seed)) for seed in range(2_000)}
    assert {"z", "r"} <= slips
    assert "y" not in slips


def test_strip_accents_western_text_loses_marks_only() -> None:
    assert strip_accents(MESSAGES[Language.ES], Language.ES, random.Random(1)).startswith("¿Donde esta mi")
    assert strip_accents("Ça été", Language.FR, random.Random(1)) == "Ca ete"


def test_strip_accents_japanese_keeps_voiced_kana() -> None:
    assert "どこですか" in strip_accents(MESSAGES[Language.JA], Language.JA, random.Random(1))


def test_change_case_western_is_mostly_small_letters_and_sometimes_capitals() -> None:
    results = {change_case("Hola Ñandú", Language.ES, random.Random(seed)) for seed in range(40)}
    assert results == {"hola ñandú", "HOLA ÑANDÚ"}


def test_change_case_chinese_makes_marks_half_width() -> None:
    assert change_case("在哪里？快！", Language.ZH, random.Random(1)) == "在哪里?快!"


@pytest.mark.parametrize("language", Language)
def test_wrap_mail_any_language_adds_its_own_greeting_and_signature(language: Language) -> None:
    wrapped = wrap_mail("X", language, random.Random(7))
    assert wrapped.startswith(GREETINGS[language])
    assert wrapped.endswith(SIGNATURES[language])


@pytest.mark.parametrize("language", Language)
def test_change_style_transcript_has_fillers_and_no_marks(language: Language) -> None:
    spoken = change_style(MESSAGES[language], language, random.Random(7))
    assert any(filler in spoken for filler in FILLERS[language])
    assert not set(spoken) & set(".,?!¿。？，")
    assert " " in spoken

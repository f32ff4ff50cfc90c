"""Each ticket is in the script and language that its label says."""

from __future__ import annotations

import re

import pytest

from data.schema import LabelledTicket, Language
from models.language import LanguageReader

KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
OTHER = re.compile(r"[\u0370-\u1aff\uac00-\ud7af]")
WESTERN = (Language.EN, Language.ES, Language.FR, Language.DE)
LEAST_AGREEMENT = 0.98
"""The rest are messages of emoji, a number or one word that several languages share."""


def test_script_western_ticket_is_mostly_latin(tickets: list[LabelledTicket]) -> None:
    wrong = [
        f"{ticket.id} {ticket.message[:60]!r}"
        for ticket in tickets
        if ticket.language in WESTERN
        and len(HAN.findall(ticket.text)) + len(KANA.findall(ticket.text)) > len(LATIN.findall(ticket.text))
    ]
    assert not wrong


def test_script_chinese_ticket_is_not_written_in_kana(tickets: list[LabelledTicket]) -> None:
    wrong = [
        f"{ticket.id} {ticket.message[:60]!r}"
        for ticket in tickets
        if ticket.language is Language.ZH and len(KANA.findall(ticket.text)) > len(HAN.findall(ticket.text))
    ]
    assert not wrong


def test_script_no_ticket_is_in_a_seventh_script(tickets: list[LabelledTicket]) -> None:
    wrong = [
        f"{ticket.id} {ticket.message[:60]!r}"
        for ticket in tickets
        if ticket.topic != "out_of_scope" and len(OTHER.findall(ticket.text)) > len(ticket.text) / 3
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("language", "own"), [(Language.JA, KANA), (Language.ZH, HAN), *((code, LATIN) for code in WESTERN)]
)
def test_script_of_a_language_occurs_in_nearly_all_of_its_tickets(
    tickets: list[LabelledTicket], language: Language, own: re.Pattern[str]
) -> None:
    texts = [ticket.text for ticket in tickets if ticket.language is language]
    assert sum(bool(own.search(text)) for text in texts) / len(texts) >= LEAST_AGREEMENT


def test_language_label_agrees_with_what_is_read(tickets: list[LabelledTicket]) -> None:
    guesses = LanguageReader().read([ticket.text for ticket in tickets])
    agreement = {
        language: [
            g.language == language for t, g in zip(tickets, guesses, strict=True) if t.language is language
        ]
        for language in Language
    }
    assert min(sum(found) / len(found) for found in agreement.values()) >= LEAST_AGREEMENT

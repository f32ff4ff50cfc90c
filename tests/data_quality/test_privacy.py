"""No real person's data stands in the corpus: only example domains and numbers nobody has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from data.schema import LabelledTicket

EMAIL_DOMAIN = re.compile(r"[A-Za-z0-9_.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
URL_HOST = re.compile(r"(?:https?://|\bwww\.)([A-Za-z0-9.-]+)")
EXAMPLE = re.compile(r"(?:^|\.)example(?:\.(?:com|org|net))?$")
LONG_NUMBER = re.compile(r"(?<![\w+])(?:\d[ -]?){12,18}\d(?!\w)")
PHONE = re.compile(
    r"\+\d[\d ().\-/]{6,}\d|(?<![\w-])0\d{1,3}[- ]\d{4}[- ]\d{4}(?![\w-])|(?<!\w)0\d(?: \d\d){4}(?!\w)"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
NOBODYS = re.compile(r"555|0000|^3319900|^44207946")
"""Digits of numbers that nobody has; the last two ranges are those that Arcep and Ofcom keep for fiction."""


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def is_card_number(number: str) -> bool:
    """Whether the check digit of a card number is right (Luhn)."""
    reverse = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in reverse[1::2])
    return (sum(reverse[::2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 7064)."""
    plain = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def matches(tickets: list[LabelledTicket], pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for ticket in tickets:
        for found in pattern.finditer(ticket.text):
            yield ticket.id, found[found.lastindex or 0]


@pytest.mark.parametrize(("number", "valid"), [("4111111111111111", True), ("4111111111111112", False)])
def test_card_check_known_numbers_is_right(number: str, valid: bool) -> None:
    assert is_card_number(number) is valid


@pytest.mark.parametrize(
    ("text", "valid"), [("DE89 3704 0044 0532 0130 00", True), ("DE88 3704 0044 0532 0130 00", False)]
)
def test_iban_check_known_numbers_is_right(text: str, valid: bool) -> None:
    assert is_iban(text) is valid
    assert IBAN.search(f"auf {text}, danke")


def test_emails_are_only_on_example_domains(tickets: list[LabelledTicket]) -> None:
    assert not [found for found in matches(tickets, EMAIL_DOMAIN) if not EXAMPLE.search(found[1])]


def test_links_lead_only_to_example_domains(tickets: list[LabelledTicket]) -> None:
    assert not [found for found in matches(tickets, URL_HOST) if not EXAMPLE.search(found[1].rstrip("."))]


def test_card_numbers_with_a_right_check_digit_do_not_occur(tickets: list[LabelledTicket]) -> None:
    assert not [found for found in matches(tickets, LONG_NUMBER) if is_card_number(digits(found[1]))]


def test_ibans_with_right_check_digits_do_not_occur(tickets: list[LabelledTicket]) -> None:
    assert not [found for found in matches(tickets, IBAN) if is_iban(found[1])]


def test_phone_numbers_are_only_those_kept_for_fiction(tickets: list[LabelledTicket]) -> None:
    assert not [found for found in matches(tickets, PHONE) if not NOBODYS.search(digits(found[1]))]

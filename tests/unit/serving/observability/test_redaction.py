from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.observability.redaction import REDACTED, redact, redact_value, scrub

MESSAGES = {
    "en": "Hi, I'm Alice Johnson, call me on +1 (415) 555-0132 or alice.johnson@example.com",
    "es": "Soy José Núñez, mi tarjeta es 4111 1111 1111 1111 y mi correo jose.núñez@ejemplo.example",
    "fr": "Je m'appelle Zoé Lefèvre, tél. 06.12.34.56.78, zoe@exemple.example",
    "de": "Ich heiße Jörg Müller, IBAN DE89 3704 0044 0532 0130 00, joerg@bücher.example",
    "ja": "山田太郎です。電話は０９０－１２３４－５６７８、メールはｔａｒｏ＠例え.example です",
    "zh": "我叫王小明，手机13800138000，邮箱wang.xiaoming@example.cn",
}
SECRETS = (
    "Alice", "Johnson", "José", "Lefèvre", "Müller", "山田", "王小明", "555-0132", "1111", "3456", "0130",
    "5678", "13800138000", "@",
)  # fmt: skip
PERSONAL_KEYS = [
    "message",
    "subject",
    "name",
    "customer_name",
    "email",
    "phone",
    "feedback",
    "body",
    "anything",
]


@pytest.mark.parametrize("key", PERSONAL_KEYS)
@pytest.mark.parametrize("language", MESSAGES)
def test_redact_lets_no_text_of_a_customer_pass(key: str, language: str) -> None:
    logged = json.dumps(redact(None, "info", {"event": "x", key: MESSAGES[language]}), ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in logged]


@pytest.mark.parametrize("language", MESSAGES)
def test_redact_closed_and_identifier_keys_hold_no_sentences(language: str) -> None:
    for key in ("category", "queue", "customer_id", "source_id", "ticket_id"):
        assert redact_value(key, MESSAGES[language]) == REDACTED


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("anna@example.com", "[email]"),
        ("anna@21f2fbad2fb5.example", "[email]"),
        ("trained on firstline-static@21f2fbad2fb5.", "trained on firstline-static@21f2fbad2fb5."),
        ("ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[email]"),
        ("an\u200bna@exam\u200eple.com", "[email]"),
        ("4111-1111-1111-1111", "[number]"),
        ("４１１１ １１１１ １１１１ １１１１", "[number]"),
        ("+49 (0)30 / 1234567", "[number]"),
        ("+34600123456", "[number]"),
        ("CUST-001", "CUST-001"),
        ("order 12345", "order 12345"),
    ],
)
def test_scrub_replaces_addresses_and_numbers_in_any_script(text: str, clean: str) -> None:
    assert scrub(text) == clean


@given(st.text(min_size=1))
def test_redact_of_an_unknown_key_never_shows_its_text(text: str) -> None:
    assert redact_value("note", text) == REDACTED


@given(st.from_regex(r"[a-z0-9._]{1,12}@[a-z0-9]{1,12}\.(com|example)", fullmatch=True), st.text(max_size=20))
def test_scrub_never_lets_an_address_pass(address: str, around: str) -> None:
    assert address not in scrub(f"{around} {address} {around}")


@given(
    st.lists(st.sampled_from("0123456789"), min_size=13, max_size=19), st.sampled_from(["", " ", "-", "."])
)
def test_scrub_never_lets_a_card_number_pass(digits: list[str], separator: str) -> None:
    assert not any(character.isdigit() for character in scrub(separator.join(digits)))


def test_redact_keeps_what_operators_need() -> None:
    event = {
        "timestamp": "2026-01-16T12:34:56Z",
        "level": "INFO",
        "component": "orchestrator",
        "event": "ticket_created",
        "ticket_id": "TKT-20260116123456-a1b2c3",
        "customer_id": "CUST-001",
        "category": "account",
        "priority": "high",
        "channel": "chat",
        "reasons": ["below_threshold"],
        "rating": 9,
        "queue": None,
    }
    assert redact(None, "info", dict(event)) == event


@pytest.mark.parametrize("given", ["anna@example.com", "alice.johnson", "+49301234567", "王小明1", "Bob 1"])
def test_redact_identifier_that_may_be_a_person_is_hidden(given: str) -> None:
    assert redact_value("customer_id", given) == REDACTED


def test_redact_hides_nested_objects_and_long_numbers() -> None:
    assert redact_value("metadata", {"phone": "1"}) == REDACTED
    assert redact_value("account", 4111111111111111) == REDACTED

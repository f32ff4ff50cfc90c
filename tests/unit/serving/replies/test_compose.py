from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema import Article, Channel, Language
from serving.replies.compose import Recipient, ReplyWriter
from serving.settings.desk import ReplySettings
from tests.unit.serving.orchestrator.fakes import ARTICLES, shipped_settings

SETTINGS = shipped_settings()
WRITER = ReplyWriter(SETTINGS.replies, SETTINGS.channels)
ARTICLE = ARTICLES["KB001", "en"]
ID = "TKT-20260302120000-0a1b2c"


def to(language: str = "en", channel: Channel = Channel.EMAIL, name: str = "") -> Recipient:
    return Recipient(channel, language, ID, name)


@pytest.mark.parametrize("language", Language)
def test_reply_has_steps_citation_disclosure_and_the_way_to_a_person(language: Language) -> None:
    article = replace(ARTICLE, language=language)
    text = WRITER.compose_reply(article, to(language))
    parts = text.split("\n\n")
    assert "1. Open the app.\n2. Tap Forgot." in parts
    for needed in ("KB001", "Reset your password", "Lumora", "support@lumora.example", ID):
        assert needed in text
    assert "$" not in text


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("es", "en japonés"),
        ("fr", "en japonais"),
        ("de", "auf Japanisch"),
        ("en", "in Japanese"),
        ("zh", "日文版"),
    ],
)
def test_reply_from_an_article_in_another_language_says_so(language: str, note: str) -> None:
    text = WRITER.compose_reply(ARTICLES["KB001", "ja"], to(language))
    assert note in text
    assert "アプリを開きます。" in text


def test_reply_in_the_articles_language_has_no_such_note() -> None:
    assert "版をご案内" not in WRITER.compose_reply(ARTICLES["KB001", "ja"], to("ja"))


def test_article_without_steps_gives_its_paragraphs() -> None:
    assert "Frist\n30 Tage nach dem Kauf." in WRITER.compose_reply(ARTICLES["KB032", "de"], to("de"))


@pytest.mark.parametrize(
    ("language", "name", "greeting"),
    [
        ("en", "Alice Johnson", "Hello Alice Johnson,"),
        ("es", "José Núñez", "Hola, José Núñez:"),
        ("fr", "Anne-Marie d'Arc", "Bonjour Anne-Marie d'Arc,"),
        ("de", "Dr. Jürgen Groß", "Guten Tag Dr. Jürgen Groß,"),
        ("ja", "山田 太郎", "山田 太郎 様"),
        ("zh", "王小明", "王小明，您好："),
        ("en", "", "Hello,"),
        ("und", "Ivan", "Hello Ivan,"),
    ],
)
def test_greeting(language: str, name: str, greeting: str) -> None:
    assert WRITER.compose_reply(ARTICLE, to(language, name=name)).startswith(greeting)


@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example",
        "win@evil.example",
        "Click www.evil.example now",
        "$contact",
        "{0}",
        "<b>Bob</b>",
        "x" * 61,
    ],
)
def test_name_that_is_none_is_left_out(name: str) -> None:
    assert WRITER.compose_reply(ARTICLE, to(name=name)).startswith("Hello,")


def test_title_with_a_place_in_it_is_not_filled() -> None:
    tricky = replace(ARTICLE, title="Save $contact {company} %s", steps=("Pay $ticket_id",))
    text = WRITER.compose_reply(tricky, to())
    assert "“Save $contact {company} %s”" in text
    assert "1. Pay $ticket_id" in text


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [
        ("en", 240, "within 4 hours"),
        ("es", 30, "en un plazo de 30 minutos"),
        ("fr", 60, "d’ici une heure"),
        ("de", 5, "innerhalb von 5 Minuten"),
        ("ja", 15, "15分以内"),
        ("zh", 60, "1 小时内"),
        ("en", 0, "right away"),
        ("de", 0, "sofort"),
    ],
)
def test_acknowledgement_says_by_when(language: str, minutes: float, words: str) -> None:
    text = WRITER.compose_acknowledgement(to(language), minutes)
    assert words in text
    assert ID in text


@pytest.mark.parametrize("language", Language)
def test_sms_fits_and_has_link_citation_and_disclosure(language: Language) -> None:
    text = WRITER.compose_reply(replace(ARTICLE, language=language), to(language, Channel.SMS))
    assert len(text) <= 160
    assert "https://help.lumora.example/KB001" in text
    assert "Reset your password" in text
    assert "support@lumora.example" in text
    ack = WRITER.compose_acknowledgement(to(language, Channel.SMS), 60)
    assert len(ack) <= 160
    assert ID in ack


@given(
    st.sampled_from(Language),
    st.text(min_size=1, max_size=300),
    st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=40),
    st.text("abcdefgh.@", min_size=1, max_size=60),
    st.floats(0, 100_000),
)
def test_sms_fits_whatever_title_company_and_contact_are(
    language: Language, title: str, company: str, contact: str, minutes: float
) -> None:
    writer = ReplyWriter(ReplySettings(company=company, contact=contact), SETTINGS.channels)
    article: Article = replace(ARTICLE, title=title)
    text = writer.compose_reply(article, to(language, Channel.SMS))
    assert len(text) <= 160
    assert "https://help.lumora.example/KB001" in text
    assert len(writer.compose_acknowledgement(to(language, Channel.SMS), minutes)) <= 160

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.history.automatic import is_automatic, is_spam
from data.history.markup import plain_text
from data.history.values import DateOrder, date_order_shown, read_channel, read_date
from data.schema import Channel

FOURTH_OF_MARCH = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04", "2026-03-04T00:00:00Z", "2026-03-04 00:00:00 UTC", "2026-03-04 02:00:00 +0200", "04.03.2026",
        "4/3/26", "2026/03/04", "2026年3月4日", "1772582400", "1772582400000", "46085",
    ],
)  # fmt: skip
def test_read_date_of_any_helpdesk_is_the_same_moment(text: str) -> None:
    assert read_date(text) == FOURTH_OF_MARCH


@pytest.mark.parametrize("text", ["", "yesterday", "31.02.2026", "昨日", "99999999999999", "2026-13-45"])
def test_read_date_of_nothing_sensible_is_none(text: str) -> None:
    assert read_date(text) is None


def test_read_date_order_is_believed() -> None:
    assert read_date("03/04/2026", DateOrder.MONTH_FIRST) == FOURTH_OF_MARCH
    assert date_order_shown("25/04/2026") is DateOrder.DAY_FIRST
    assert date_order_shown("04/25/2026") is DateOrder.MONTH_FIRST
    assert date_order_shown("03/04/2026") is date_order_shown("2026/25/04") is None


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("Mail", Channel.EMAIL), ("native_messaging", Channel.CHAT), ("Phone call (inbound)", Channel.PHONE),
        ("twitter", Channel.SOCIAL_MEDIA),
        ("web", Channel.SELF_SERVICE), ("Text", Channel.SMS), ("チャット", Channel.CHAT),
        ("邮件", Channel.EMAIL), ("social_media", Channel.SOCIAL_MEDIA),
        ("Web Widget", Channel.CHAT), ("pigeon", None), ("", None),
    ],
)  # fmt: skip
def test_read_channel_of_a_helpdesk_is_one_of_ours(word: str, channel: Channel | None) -> None:
    assert read_channel(word) is channel


@pytest.mark.parametrize("channel", Channel)
def test_read_channel_of_our_own_names_is_itself(channel: Channel) -> None:
    assert read_channel(channel) is channel


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply: holiday", "Out of office", "Abwesenheitsnotiz: Urlaub", "Réponse automatique : congés",
     "Respuesta automática: vacaciones", "自動返信：休暇中です", "自动回复：我正在休假", "Undeliverable: your ticket"],
)  # fmt: skip
def test_is_automatic_mail_of_six_languages(subject: str) -> None:
    assert is_automatic(subject, "")
    assert not is_automatic(f"Why did I get this: {subject}", "")


def test_is_spam_only_where_the_helpdesk_says_so() -> None:
    assert is_spam("vip, spam", "")
    assert is_spam("", "Suspended")
    assert not is_spam("spamfilter_question", "open")


def test_plain_text_keeps_words_and_link_targets() -> None:
    mail = '<div>Bitte lesen: <a href="https://help.example/KB007">Anleitung</a><br>よろしく</div><script>x()</script>'
    assert plain_text(mail) == "Bitte lesen: https://help.example/KB007 Anleitung\nよろしく"
    assert plain_text("a < b and c > d") == "a < b and c > d"

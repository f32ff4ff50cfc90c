"""Exports of real helpdesks, read as tickets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.errors import DataError
from data.history.columns import Field, parse_columns
from data.history.tickets import HistoryOptions, PastTicket, Skip, Skipped, open_history
from data.history.values import DateOrder
from data.schema import Channel

ZENDESK = Path(__file__).with_name("zendesk.json")
VIEW = """"Summation column","Id","Requester","Subject","Tags","Status","Via","Created at","Satisfaction Score"
"1","55","Ana","¿Dónde está mi pedido LM-1?","","Closed","Mail","2026-03-01 08:00","Good"
"1","56","太郎","ログインできません","","Open","Chat","2026-03-02 09:30","Offered"
"""


def open_zendesk(article: str = "custom_field.360001") -> list[PastTicket | Skipped]:
    return list(open_history(ZENDESK, HistoryOptions(parse_columns([f"article={article}"]))))


def test_open_history_zendesk_export_gives_first_message_labels_and_public_replies() -> None:
    first, second, third = open_zendesk()[:3]
    assert isinstance(first, PastTicket)
    assert first.text == "Rückerstattung\nWann bekomme ich mein Geld zurück?"
    assert first.created == datetime(2026, 1, 3, 9, 12, tzinfo=UTC)
    assert first.article == "KB002"
    assert "KB002-status" in first.reply
    assert "schwierig" not in first.reply, "an internal note is no reply"
    assert "eingegangen" not in first.reply, "the system is nobody"
    assert "Danke" not in first.reply, "the requester is no agent"
    assert isinstance(second, PastTicket)
    assert (second.channel, second.article, second.reply) == (Channel.CHAT, "KB001", "")
    assert isinstance(third, PastTicket)
    assert (third.channel, third.message) == (Channel.SELF_SERVICE, "我的订单在哪里？\n已经等了两周。")


def test_open_history_zendesk_rows_that_no_customer_wrote_are_named() -> None:
    skipped = [(row.line, row.reason) for row in open_zendesk() if isinstance(row, Skipped)]
    assert skipped == [(4, Skip.AUTOMATIC), (5, Skip.SPAM), (6, Skip.EMPTY)]


def test_open_history_bad_date_keeps_the_ticket_and_says_so() -> None:
    last = open_zendesk()[-1]
    assert isinstance(last, PastTicket)
    assert (last.created, last.bad_date, last.channel) == (None, True, Channel.PHONE)


def test_open_history_zendesk_view_has_only_subjects_and_they_become_messages(tmp_path: Path) -> None:
    path = tmp_path / "view.csv"
    path.write_text(VIEW, encoding="utf-8-sig")
    history = open_history(path)
    assert history.columns.names[Field.MESSAGE] == "Subject"
    assert [ticket.message for ticket in history.tickets()] == [
        "¿Dónde está mi pedido LM-1?",
        "ログインできません",
    ]
    assert "Satisfaction Score" not in history.columns.names.values(), "a rating arrives later"


@pytest.mark.parametrize(
    ("headings", "message"),
    [
        ("Nummer;Datum;Betreff;Beschreibung;Artikel", "Beschreibung"),
        ("Numéro;Date;Objet;Corps;Article", "Corps"),
        ("番号;作成日時;件名;問い合わせ内容;記事", "問い合わせ内容"),
        ("编号;日期;主题;问题描述;文章", "问题描述"),
    ],
)
def test_open_history_headings_of_any_of_our_languages_are_known(
    tmp_path: Path, headings: str, message: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"{headings}\n1;2026-01-02;Geld;Wo ist mein Geld?;KB002\n", encoding="utf-8")
    history = open_history(path)
    assert history.columns.names[Field.MESSAGE] == message
    ticket = next(history.tickets())
    assert (ticket.text, ticket.article) == ("Geld\nWo ist mein Geld?", "KB002")
    assert ticket.created == datetime(2026, 1, 2, tzinfo=UTC)


def test_open_history_without_a_telling_heading_takes_the_longest_texts(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    row = {"nr": "1", "c7": "我的包裹已经两个星期没有更新物流信息了，请帮我查一下。", "state": "open"}
    path.write_text(json.dumps(row), encoding="utf-8")
    history = open_history(path)
    assert history.columns.names[Field.MESSAGE] == "c7"
    assert Field.MESSAGE in history.columns.guessed


def test_open_history_named_column_is_used_and_not_called_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("text,wanted\nnot this,パスワードを忘れました\n", encoding="utf-8")
    history = open_history(path, HistoryOptions(parse_columns(["message=wanted"])))
    assert next(history.tickets()).message == "パスワードを忘れました"
    assert Field.MESSAGE not in history.columns.guessed


def test_open_history_dates_settle_what_stands_first(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("date,message\n03/04/2026,Hola\n03/25/2026,你好\n", encoding="utf-8")
    history = open_history(path)
    assert history.date_order is DateOrder.MONTH_FIRST
    assert [ticket.created.month for ticket in history.tickets() if ticket.created] == [3, 3]


def test_open_history_folder_is_read_file_after_file(tmp_path: Path) -> None:
    for name, text in (("b.jsonl", "Zweite"), ("a.jsonl", "最初")):
        (tmp_path / name).write_text(json.dumps({"message": text}), encoding="utf-8")
    assert [ticket.message for ticket in open_history(tmp_path).tickets()] == ["最初", "Zweite"]


@pytest.mark.parametrize(
    ("option", "message"),
    [("message", "FIELD=HEADING"), ("colour=red", "the fields are message"), ("message=", "FIELD=HEADING")],
)
def test_parse_columns_wrong_option_is_refused(option: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_columns([option])


def test_open_history_missing_column_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("message,kb\nHallo,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column 'body' for message; there are message, kb"):
        open_history(path, HistoryOptions(parse_columns(["message=body"])))


@pytest.mark.parametrize("text", ["message\n", "{broken\n{broken\n", "id,state\n1,open\n"])
def test_open_history_without_a_ticket_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"no row can be read|no column holds"):
        open_history(path)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from serving.storage import CorrectedTicket, CorrectionRow
from training import feedback
from training.feedback import Feedback, Surroundings, read_feedback

TOPICS = {"refund_status", "password_reset", "tax_vat"}
TEXTS = {"T1": "返金はいつですか", "T2": "Wo bleibt mein Geld?", "T3": "忘记密码了", "T4": "Factura con IVA"}


def corrected(ticket_id: str, actor: str = "agent-7", **labels: Any) -> CorrectedTicket:
    correction = CorrectionRow(actor=actor, at=datetime(2026, 3, 1, tzinfo=UTC), **labels)
    text = TEXTS.get(ticket_id, f"text of {ticket_id}")
    return CorrectedTicket(
        ticket_id=ticket_id, language="ja", channel="email", subject="", message=text, correction=correction
    )


def read(rows: Sequence[CorrectedTicket], held_out: Sequence[str] = ()) -> Feedback:
    def guess(unsaid: Sequence[CorrectedTicket]) -> list[str | None]:
        assert all(row.correction.category for row in unsaid)
        return ["tax_vat" for _ in unsaid]

    return read_feedback(rows, Surroundings(TOPICS, held_out, guess))


def test_read_feedback_gives_the_labels_people_gave_and_none_where_they_said_nothing() -> None:
    found = read(
        [corrected("T1", topic="refund_status"), corrected("T2", sentiment="negative", urgent=False)]
    )
    first, second = found.rows
    assert (first.text, first.topic, first.sentiment, first.urgent) == (
        TEXTS["T1"],
        "refund_status",
        None,
        None,
    )
    assert (second.topic, second.sentiment, second.urgent) == (None, "negative", False)
    assert {row.source for row in found.rows} == {"feedback"}
    assert found.left_out == {}


def test_read_feedback_category_alone_is_narrowed_to_a_topic() -> None:
    assert [row.topic for row in read([corrected("T4", category="billing")]).rows] == ["tax_vat"]


def test_read_feedback_text_of_a_measured_split_never_comes_in() -> None:
    rows = [corrected("T1", topic="refund_status"), corrected("T2", topic="refund_status")]
    found = read(rows, held_out=["wo bleibt  MEIN Geld？", "返金 は いつですか"])
    assert found.rows == ()
    assert found.left_out == {"text of a calibration or test ticket": 2}


def test_read_feedback_last_word_of_a_person_counts() -> None:
    found = read([corrected("T1", topic="tax_vat"), corrected("T1", topic="refund_status")])
    assert [row.topic for row in found.rows] == ["refund_status"]
    assert found.left_out == {"corrected again by the same person": 1}


def test_read_feedback_people_who_disagree_cancel_each_other_out() -> None:
    rows = [corrected("T1", topic="tax_vat", urgent=True), corrected("T1", "agent-8", topic="refund_status")]
    found = read(rows)
    assert [(row.topic, row.urgent) for row in found.rows] == [(None, True)]
    assert found.left_out == {"people disagree": 1}


def test_read_feedback_one_person_cannot_flood_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MOST_A_PERSON", 3)
    rows = [corrected(f"T{number}", urgent=True) for number in range(10)]
    found = read([*rows, corrected("T99", "agent-8", urgent=False)])
    assert [row.id for row in found.rows] == ["T7", "T8", "T9", "T99"]
    assert found.left_out == {"over 3 of one person": 7}


def test_read_feedback_topic_that_is_gone_teaches_nothing() -> None:
    found = read([corrected("T1", topic="fax_machines"), corrected("T2", article_id="KB002")])
    assert found.rows == ()
    assert found.left_out == {"topic that is no longer there": 1, "teaches nothing": 2}


def test_read_feedback_same_rows_give_the_same_result() -> None:
    rows = [corrected("T1", topic="tax_vat"), corrected("T3", topic="password_reset")]
    assert read(rows) == read([replace(row) for row in rows])

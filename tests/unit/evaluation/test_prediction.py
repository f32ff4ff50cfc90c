from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import pytest

from evaluation.prediction import BATCH, PredictionReport, predict_lines
from serving.orchestrator.desk import Desk
from tests.unit.serving.orchestrator.fakes import FakeModels, make_desk, reading, verdict

FIELDS = [
    "id",
    "language",
    "category",
    "category_probability",
    "topic",
    "topic_probability",
    "sentiment",
    "sentiment_probability",
    "urgent",
    "urgent_probability",
    "article_id",
    "article_language",
    "resolution_probability",
    "decision",
    "queue",
    "priority",
    "reasons",
]


def predict(lines: Iterable[str], desk: Desk | None = None) -> tuple[list[dict[str, Any]], PredictionReport]:
    output = io.StringIO()
    report = predict_lines(desk or make_desk(), lines, output)
    return [json.loads(line) for line in output.getvalue().splitlines()], report


def row(**fields: Any) -> str:
    return json.dumps({"message": "パスワードを忘れました", **fields}, ensure_ascii=False) + "\n"


def test_predict_lines_good_rows_give_the_promised_fields_in_order() -> None:
    rows, report = predict([row(id="a"), row(id="b", subject="Hola", channel="chat", customer_tier="gold")])
    assert [list(found) for found in rows] == [FIELDS, FIELDS]
    assert [found["id"] for found in rows] == ["a", "b"]
    assert (report.predicted, report.problems) == (2, [])


def test_predict_lines_answered_row_says_so() -> None:
    rows, report = predict([row(channel="chat")])
    assert (rows[0]["decision"], rows[0]["article_id"], rows[0]["queue"]) == ("auto_resolve", "KB001", None)
    assert rows[0]["reasons"] == ["sure_enough"]
    assert report.auto_resolved == 1


def test_predict_lines_routed_row_has_queue_and_reasons() -> None:
    models = FakeModels(reading(language="es", urgent=0.9), verdict(probability=0.3))
    rows, report = predict([row(channel="chat")], make_desk(models))
    assert rows[0]["decision"] == "route"
    assert rows[0]["queue"]
    assert (rows[0]["urgent"], rows[0]["urgent_probability"], rows[0]["language"]) == (True, 0.9, "es")
    assert "below_threshold" in rows[0]["reasons"]
    assert report.auto_resolved == 0


def test_predict_lines_without_id_uses_the_line_number() -> None:
    rows, _ = predict(["\n", row(), row(id=7)])
    assert [found["id"] for found in rows] == ["2", "7"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{broken\n", "not JSON"),
        ("[1]\n", "a row must be an object, not list"),
        ('{"id": "x"}\n', "message: missing"),
        ('{"message": ""}\n', "message"),
        ('{"message": "  "}\n', "message"),
        ('{"message": 5}\n', "message"),
        ('{"message": "\\u0000\\u0007"}\n', "message"),
        ('{"message": NaN}\n', "message"),
        (row(subject=["a"]), "subject"),
        (row(language="it"), "language: 'it' is none of de, en"),
        (row(language=["en"]), "language"),
        (row(channel="fax"), "channel: 'fax' is none of"),
        (row(channel={"a": 1}), "channel"),
        (row(customer_tier="vip"), "customer_tier: 'vip' is none of"),
        (row(customer_tier=["gold"]), "customer_tier"),
        ("[" * 200_000 + "\n", "nested too deeply"),
        ('{"message": "a", "id": ' + "1" * 5_000 + "}\n", "not JSON that can be read"),
        (row(message="x" * 100_001), "100,001 characters"),
    ],
)
def test_predict_lines_bad_row_is_reported_with_its_line_and_passed_over(line: str, problem: str) -> None:
    rows, report = predict([row(id="before"), line, row(id="after")])
    assert [found["id"] for found in rows] == ["before", "after"]
    ((number, said),) = report.problems
    assert number == 2
    assert problem in said


def test_predict_lines_hostile_text_is_answered_like_any_other() -> None:
    lines = [row(message=text) for text in ("\u202eabc", "<script>", "a\x00b", "🙂" * 100)]
    lines.append('{"message": "half \\ud800 a pair", "id": "\\ud800"}\n')
    rows, report = predict(lines)
    assert (len(rows), report.problems) == (5, [])


def test_predict_lines_many_rows_keep_their_order() -> None:
    count = 2 * BATCH + 3
    rows, report = predict(row(id=number) for number in range(count))
    assert [found["id"] for found in rows] == [str(number) for number in range(count)]
    assert report.predicted == count


def test_predict_lines_nothing_gives_nothing() -> None:
    assert predict([]) == ([], PredictionReport())

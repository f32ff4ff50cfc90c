from __future__ import annotations

import pytest

from data.schema import Channel, Language, Sentiment
from evaluation.heads import find_mistakes, measure_fairness, measure_heads
from tests.unit.evaluation.builders import reading, ticket

GOOD = [
    ticket("password_reset", Language.JA),
    ticket("refund_request", Language.JA, Channel.EMAIL, urgent=True),
]
BAD = [
    ticket("refund_request", Language.ES),
    ticket("account_compromised", Language.ES, sentiment=Sentiment.NEGATIVE),
]
TICKETS = [*GOOD, *BAD]
READINGS = [
    reading("password_reset"),
    reading("refund_request", urgent=0.9),
    reading("refund_request"),
    reading("refund_request"),
]


def test_measure_heads_each_slice_is_of_its_own_tickets() -> None:
    heads = measure_heads(TICKETS, READINGS)
    assert heads["topic"].overall.accuracy.value == 0.75
    assert heads["topic"].slices["language"]["ja"].accuracy.value == 1.0
    assert heads["topic"].slices["language"]["es"].accuracy.value == 0.5
    assert heads["topic"].slices["channel"]["email"].rows == 1
    assert heads["urgency"].overall.by_class()["urgent"]["f1"].value == 1.0
    assert heads["sentiment"].json()["by_language"]["es"]["accuracy"].value == 0.5


def test_measure_fairness_names_the_language_that_is_behind() -> None:
    found = {(gap.head, gap.figure): gap for gap in measure_fairness(measure_heads(TICKETS, READINGS))}
    topic = found["topic", "accuracy"]
    assert (topic.best, topic.behind, topic.over_the_bar) == ("ja", "es", True)
    assert topic.gap.value == pytest.approx(0.5)
    assert topic.gap.low < 0.5 < topic.gap.high
    assert not found["urgency", "accuracy"].over_the_bar


def test_measure_fairness_one_language_has_nobody_to_be_behind() -> None:
    assert measure_fairness(measure_heads(GOOD, READINGS[:2])) == []


def test_find_mistakes_most_frequent_first_with_their_tickets() -> None:
    mistakes = find_mistakes("topic", [*TICKETS, BAD[1], BAD[0]], [*READINGS, reading(), reading()])
    assert [(m.truth, m.read, len(m.tickets)) for m in mistakes] == [
        ("account_compromised", "password_reset", 1),
        ("account_compromised", "refund_request", 1),
        ("refund_request", "password_reset", 1),
    ]
    twice = find_mistakes("topic", [BAD[1], *BAD], [READINGS[3], READINGS[0], READINGS[3]])
    assert (twice[0].truth, len(twice[0].tickets)) == ("account_compromised", 2)

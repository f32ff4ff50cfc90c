from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from data.schema import LabelledTicket, Language
from evaluation.consistency import HARMLESS, Versions, is_correct, measure_consistency, replay_versions
from evaluation.replay import replay
from models.reading import Reading
from models.resolution import Candidate, Verdict
from serving.offline import OfflineDesk
from tests.unit.evaluation.builders import ticket
from tests.unit.evaluation.test_replay import TAXONOMY
from tests.unit.serving.orchestrator.fakes import FakeModels, make_desk, verdict


@dataclass
class ShyModels(FakeModels):
    """Is unsure of every text with a digit in it, as an order number has."""

    def judge(
        self,
        readings: Sequence[Reading],
        candidates: Sequence[Sequence[Candidate]],
        lengths: Sequence[int],
    ) -> list[Verdict]:
        texts = self.texts[-len(readings) :]
        return [verdict(probability=0.1 if any(map(str.isdigit, text)) else 0.97) for text in texts]


TICKETS = [
    ticket("password_reset", Language.JA, message="パスワードを忘れました。"),
    ticket("password_reset", Language.DE, message="Passwort vergessen"),
    ticket("account_compromised", Language.ZH, message="我的账号。"),
]


def versions(models: FakeModels, tickets: list[LabelledTicket]) -> list[Versions]:
    opened = OfflineDesk(make_desk(models), "bundle-1", "index-1")
    return replay_versions(opened, replay(opened, tickets, TAXONOMY).rows, TAXONOMY)


def test_replay_versions_changed_texts_keep_the_request_and_repeat_exactly() -> None:
    first, second = versions(FakeModels(), TICKETS), versions(FakeModels(), TICKETS)
    texts = [[row.ticket.message for row in item.changed.values()] for item in first]
    assert texts == [[row.ticket.message for row in item.changed.values()] for item in second]
    greeting, order = (first[0].changed[name].ticket.message for name in ("greeting", "order number"))
    assert "パスワードを忘れました。" in greeting
    assert "パスワードを忘れました。" in order
    assert any(map(str.isdigit, order))


def test_measure_consistency_steady_desk_passes_every_time() -> None:
    found = measure_consistency(versions(FakeModels(), TICKETS[:2]))
    assert [value.value for value in found["pass_k"].values()] == [1.0] * 4
    assert all(value.value == 1.0 for value in found["kept"].values())
    assert found["answers_turned_wrong"] == 0


def test_measure_consistency_desk_that_fears_numbers_is_hand_computed() -> None:
    found = measure_consistency(versions(ShyModels(), TICKETS[:2]))
    assert {k: value.value for k, value in found["pass_k"].items()} == pytest.approx(
        {1: 3 / 4, 2: 3 / 6, 3: 1 / 4, 4: 0}
    )
    assert {name: value.value for name, value in found["kept"].items()} == {
        "greeting": 1.0,
        "case": 1.0,
        "order number": 0.0,
    }
    assert {name: value.value for name, value in found["kept_by_language"].items()} == {"de": 0.0, "ja": 0.0}


def test_is_correct_person_is_right_only_where_no_article_would_be() -> None:
    shy = versions(ShyModels(), [TICKETS[0], TICKETS[2]])
    routed = [item.changed["order number"] for item in shy]
    assert [is_correct(row) for row in routed] == [False, True]
    assert not is_correct(shy[1].plain)
    assert len(HARMLESS) == 3

from __future__ import annotations

from datetime import timedelta

import pytest

from serving.storage.batch import BatchCommitter
from serving.storage.database import Database
from serving.storage.records import ShadowRow
from serving.storage.shadow import ShadowRepository
from tests.unit.serving.storage.builders import START, new_ticket

READING = {"category": "account", "topic": "password_reset", "probability": 0.97, "article_id": "KB001"}


def row(number: int, challenger: str = "new", **reading: object) -> ShadowRow:
    return ShadowRow(
        ticket_id=new_ticket(number).ticket.id,
        champion="old",
        challenger=challenger,
        champion_reading=READING,
        challenger_reading={**READING, **reading},
        at=START + timedelta(minutes=number),
    )


@pytest.fixture
def shadow(database: Database, committer: BatchCommitter) -> ShadowRepository:
    committer.commit([new_ticket(number) for number in range(4)])
    return ShadowRepository(database)


def test_find_gives_back_what_was_added_for_these_two_versions_only(shadow: ShadowRepository) -> None:
    shadow.add([row(0), row(1, topic="パスワード"), row(2, challenger="other")])
    assert shadow.find("old", "new") == [row(0), row(1, topic="パスワード")]
    assert shadow.find("old", "new", START + timedelta(seconds=30)) == [row(1, topic="パスワード")]
    assert shadow.find("new", "old") == []


def test_add_ticket_read_twice_stays_as_it_was_first(shadow: ShadowRepository) -> None:
    shadow.add([row(3)])
    shadow.add([row(3, topic="other"), row(0)])
    assert shadow.find("old", "new") == [row(3), row(0)]

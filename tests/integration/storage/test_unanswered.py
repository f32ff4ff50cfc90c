from __future__ import annotations

from dataclasses import replace

from serving.storage.batch import BatchCommitter
from serving.storage.database import Database
from serving.storage.unanswered import UnansweredTicket, read_unanswered
from tests.unit.serving.storage.builders import TEXTS, new_ticket


def test_read_unanswered_gives_the_first_message_of_those_that_people_got(
    database: Database, committer: BatchCommitter
) -> None:
    routed = new_ticket(1, body=TEXTS[2], language="zh", channel="chat")
    later = replace(routed.messages[0], body="还在吗？")
    committer.commit(
        [
            new_ticket(0, body=TEXTS[0]),
            replace(routed, messages=(*routed.messages, later)),
            new_ticket(2, auto_resolved=True),
        ]
    )
    found, total = read_unanswered(database, 10)
    assert total == 3
    assert found == [
        UnansweredTicket(routed.ticket.id, "Passwort", TEXTS[2], "zh", "chat"),
        UnansweredTicket(new_ticket(0).ticket.id, "Passwort", TEXTS[0], "de", "email"),
    ]


def test_read_unanswered_more_than_wanted_gives_the_newest(
    database: Database, committer: BatchCommitter
) -> None:
    committer.commit([new_ticket(number) for number in range(5)])
    found, total = read_unanswered(database, 2)
    assert ([row.id for row in found], total) == ([new_ticket(n).ticket.id for n in (4, 3)], 5)


def test_read_unanswered_empty_database_gives_nothing(database: Database) -> None:
    assert read_unanswered(database, 10) == ([], 0)

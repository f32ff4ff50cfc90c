from __future__ import annotations

from datetime import timedelta

import pytest

from serving.storage.batch import BatchCommitter
from serving.storage.corrections import CorrectionRepository
from serving.storage.database import Database
from serving.storage.errors import ConflictError
from serving.storage.records import CorrectionRow, TicketChanges
from serving.storage.tickets import TicketRepository
from tests.unit.serving.storage.builders import START, TEXTS, event, new_ticket

LATER = START + timedelta(minutes=5)
ID = new_ticket(1).ticket.id


@pytest.fixture
def tickets(database: Database, committer: BatchCommitter) -> TicketRepository:
    committer.commit([new_ticket(number, body=TEXTS[number]) for number in range(3)])
    return TicketRepository(database)


def correction(topic: str = "refund_status") -> CorrectionRow:
    return CorrectionRow(
        actor="agent-7", at=LATER, category="billing", topic=topic, sentiment="negative", article_id="KB002",
        note="客户要退款", model_version="b1", index_version="i1",
    )  # fmt: skip


def changes(topic: str = "refund_status") -> TicketChanges:
    return {"category": "billing", "topic": topic, "sentiment": "negative", "urgent": True}


def test_correct_changes_the_ticket_and_keeps_who_said_so(
    database: Database, tickets: TicketRepository
) -> None:
    changed = tickets.correct(ID, 1, changes(), event("corrected", LATER), correction())
    assert (changed.category, changed.topic, changed.sentiment, changed.urgent) == (
        "billing",
        "refund_status",
        "negative",
        True,
    )
    assert (changed.version, changed.updated_at) == (2, LATER)
    assert [entry.type for entry in tickets.get(ID).events][-1] == "corrected"
    assert CorrectionRepository(database).of_ticket(ID) == (correction(),)


def test_correct_older_version_stores_nothing(database: Database, tickets: TicketRepository) -> None:
    tickets.correct(ID, 1, changes(), event("corrected", LATER), correction())
    with pytest.raises(ConflictError):
        tickets.correct(ID, 1, changes("tax_vat"), event("corrected", LATER), correction("tax_vat"))
    assert CorrectionRepository(database).of_ticket(ID) == (correction(),)
    assert [entry.type for entry in tickets.get(ID).events].count("corrected") == 1


def test_all_corrections_come_with_what_the_customer_wrote_first(
    database: Database, tickets: TicketRepository
) -> None:
    for number, version in ((2, 1), (1, 1), (2, 2)):
        name = new_ticket(number).ticket.id
        tickets.correct(name, version, changes(), event("corrected", LATER), correction())
    found = CorrectionRepository(database).all()
    assert [row.message for row in found] == [TEXTS[2], TEXTS[1], TEXTS[2]]
    assert {row.correction for row in found} == {correction()}
    assert (found[1].ticket_id, found[1].language, found[1].channel) == (ID, "de", "email")

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from serving.storage.batch import BatchCommitter
from serving.storage.counts import count_desk
from serving.storage.customers import CustomerRepository
from serving.storage.database import Database
from serving.storage.errors import ConflictError, CursorError, FieldError, TicketNotFoundError
from serving.storage.records import CustomerRow, OutboxRow, RatingRow, TicketQuery
from serving.storage.tickets import TicketRepository
from tests.unit.serving.storage.builders import START, event, new_ticket


@pytest.fixture
def tickets(database: Database) -> TicketRepository:
    return TicketRepository(database)


def test_get_unknown_id_is_not_found(tickets: TicketRepository) -> None:
    for read in (tickets.get, tickets.explanation):
        with pytest.raises(TicketNotFoundError, match="TKT-none"):
            read("TKT-none\x00")


def test_find_walks_all_pages_newest_first_without_gap_or_repeat(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    same_time = [new_ticket(n, created_at=START) for n in range(4)]
    committer.commit(same_time + [new_ticket(n) for n in range(4, 11)])
    seen: list[str] = []
    cursor = None
    while True:
        page = tickets.find(TicketQuery(limit=3, cursor=cursor))
        seen += [ticket.id for ticket in page.tickets]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [new_ticket(n).ticket.id for n in reversed(range(11))]


def test_find_ticket_created_between_pages_moves_nothing(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    committer.commit([new_ticket(n) for n in range(4)])
    first = tickets.find(TicketQuery(limit=2))
    committer.commit([new_ticket(9)])
    second = tickets.find(TicketQuery(limit=2, cursor=first.next_cursor))
    assert [t.id for t in second.tickets] == [new_ticket(1).ticket.id, new_ticket(0).ticket.id]
    assert second.next_cursor is None


@pytest.mark.parametrize(
    ("field", "value", "other"),
    [
        ("status", "resolved", "new"),
        ("category", "billing", "account"),
        ("channel", "chat", "email"),
        ("priority", "high", "medium"),
        ("language", "ja", "de"),
        ("customer_id", "CUST-9", "CUST-001"),
        ("queue", "vip_support", None),
        ("auto_resolved", True, False),
        ("auto_resolved", False, True),
    ],
)
def test_find_filter_returns_only_what_matches(
    tickets: TicketRepository, committer: BatchCommitter, field: str, value: Any, other: Any
) -> None:
    committer.commit([new_ticket(1, **{field: value}), new_ticket(2, **{field: other})])
    page = tickets.find(TicketQuery(**{field: value}))
    assert [t.id for t in page.tickets] == [new_ticket(1).ticket.id]


def test_find_created_range_includes_its_start_only_in_any_zone(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    committer.commit([new_ticket(n) for n in range(5)])
    tokyo = timezone(timedelta(hours=9))
    query = TicketQuery(
        created_from=(START + timedelta(seconds=1)).astimezone(tokyo),
        created_to=START + timedelta(seconds=3),
    )
    assert [t.id for t in tickets.find(query).tickets] == [new_ticket(2).ticket.id, new_ticket(1).ticket.id]


def test_find_hostile_filter_finds_nothing_and_breaks_nothing(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    committer.commit([new_ticket(1)])
    for text in ("' OR 1=1 --", "\x00", "\ud800", "new'; DROP TABLE ticket; --"):
        assert tickets.find(TicketQuery(status=text)).tickets == ()
    assert len(tickets.find(TicketQuery()).tickets) == 1


@pytest.mark.parametrize("limit", [0, 201, -1])
def test_find_limit_out_of_range_is_refused(tickets: TicketRepository, limit: int) -> None:
    with pytest.raises(FieldError, match="1 to 200"):
        tickets.find(TicketQuery(limit=limit))


def test_find_foreign_cursor_is_refused(tickets: TicketRepository) -> None:
    with pytest.raises(CursorError):
        tickets.find(TicketQuery(cursor="bm9wZQ"))


def test_update_changes_fields_and_appends_event_and_outbox(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    ticket = new_ticket(1).ticket
    committer.commit([new_ticket(1)])
    at = START + timedelta(minutes=5)
    changed = tickets.update(
        ticket.id,
        1,
        {
            "status": "resolved",
            "resolution_notes": "KB001\x00",
            "resolved_at": at,
            "escalation_reasons": ("x",),
        },
        [event("status_changed", at)],
        outbox=[OutboxRow(kind="reply", key="second", payload={})],
    )
    assert (changed.status, changed.resolution_notes, changed.version) == ("resolved", "KB001\ufffd", 2)
    assert changed.resolved_at == changed.updated_at == at
    assert changed.resolved_at.tzinfo is UTC
    stored = tickets.get(ticket.id)
    assert stored.ticket == changed
    assert [e.type for e in stored.events] == ["ticket_created", "routed", "status_changed"]


def test_update_old_version_is_a_conflict_and_changes_nothing(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    ticket_id = new_ticket(1).ticket.id
    committer.commit([new_ticket(1)])
    tickets.update(ticket_id, 1, {"status": "assigned"}, [event("status_changed")])
    with pytest.raises(ConflictError, match="version 2"):
        tickets.update(ticket_id, 1, {"status": "closed"}, [event("status_changed")])
    stored = tickets.get(ticket_id)
    assert stored.ticket.status == "assigned"
    assert len(stored.events) == 3


def test_update_unknown_ticket_or_field_or_no_event_is_refused(tickets: TicketRepository) -> None:
    with pytest.raises(TicketNotFoundError):
        tickets.update("TKT-none", 1, {"status": "closed"}, [event()])
    with pytest.raises(FieldError, match="created_at cannot be changed"):
        tickets.update("TKT-none", 1, {"created_at": START}, [event()])  # type: ignore[typeddict-unknown-key]
    with pytest.raises(FieldError, match="event"):
        tickets.update("TKT-none", 1, {"status": "closed"}, [])


def test_rate_twice_keeps_the_latest_and_both_events(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    ticket_id = new_ticket(1).ticket.id
    committer.commit([new_ticket(1)])
    tickets.rate(ticket_id, RatingRow(rating=3, at=START, feedback="まあまあ"), event("rated"))
    latest = RatingRow(rating=9, at=START + timedelta(days=1))
    tickets.rate(ticket_id, latest, event("rated"))
    stored = tickets.get(ticket_id)
    assert stored.rating == latest
    assert [e.type for e in stored.events].count("rated") == 2


def test_rate_unknown_ticket_or_out_of_range_is_refused(tickets: TicketRepository) -> None:
    with pytest.raises(TicketNotFoundError):
        tickets.rate("TKT-none", RatingRow(rating=3, at=START), event("rated"))
    with pytest.raises(FieldError, match="0 to 10"):
        tickets.rate("TKT-none", RatingRow(rating=11, at=START), event("rated"))


def test_count_desk_counts_what_was_written(
    database: Database, tickets: TicketRepository, committer: BatchCommitter
) -> None:
    due = START + timedelta(hours=1)
    done = START + timedelta(seconds=90)
    late = START + timedelta(hours=2)
    when = {"created_at": START, "resolution_due_at": due}
    committer.commit(
        [
            new_ticket(1, status="resolved", auto_resolved=True, resolved_at=done, **when),
            new_ticket(2, status="closed", resolved_at=late, category="billing", **when),
            new_ticket(3, queue="vip_support", **when),
            new_ticket(4),
        ]
    )
    tickets.rate(new_ticket(1).ticket.id, RatingRow(rating=9, at=START), event("rated"))
    counts = count_desk(database, now=START + timedelta(minutes=30))
    assert (counts.total, counts.auto_resolved) == (4, 1)
    assert counts.by_status == {"closed": 1, "new": 2, "resolved": 1}
    assert counts.by_category == {"account": 3, "billing": 1}
    assert counts.open_by_queue == {"": 1, "vip_support": 1}
    assert (counts.sla_counted, counts.sla_met) == (3, 2)
    assert counts.resolution_s_mean == pytest.approx((90 + 7200) / 2, abs=1)
    assert counts.ratings == {9: 1}
    assert count_desk(database, now=late, since=START + timedelta(seconds=4)).total == 1
    assert count_desk(database, now=late, since=late).resolution_s_mean is None


def test_customer_save_replaces_and_counts_tickets(database: Database, committer: BatchCommitter) -> None:
    customers = CustomerRepository(database)
    assert customers.get("CUST-001") is None
    committer.commit([new_ticket(1), new_ticket(2, status="closed")])
    ana = CustomerRow(id="CUST-001", created_at=START, name="Ana", tier="platinum", tags=("vip", "es"))
    customers.save(ana)
    assert customers.get("CUST-001") == ana
    assert customers.get_many(["CUST-001", "nobody"]) == {"CUST-001": ana}
    assert customers.ticket_counts("CUST-001") == (2, 1)


def test_times_keep_their_moment_and_come_back_in_utc(
    tickets: TicketRepository, committer: BatchCommitter
) -> None:
    there = datetime(2026, 7, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(hours=-7)))
    committer.commit([new_ticket(1, created_at=there)])
    back = tickets.get(new_ticket(1).ticket.id).ticket.created_at
    assert back == there
    assert back.tzinfo is UTC

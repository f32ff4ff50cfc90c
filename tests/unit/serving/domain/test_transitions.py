from dataclasses import replace
from datetime import timedelta

import pytest

from serving.domain.ticket import Status, Ticket
from serving.domain.transitions import TRANSITIONS, change_status
from serving.errors import TransitionError
from tests.unit.serving.orchestrator.fakes import NOW, FakeModels, make_desk, message, reading

LATER = NOW + timedelta(minutes=30)


@pytest.fixture(scope="module")
def routed() -> Ticket:
    desk = make_desk(FakeModels(reading(topic="account_compromised")))
    return desk.handle([desk.accept(message())])[0].ticket


def test_table_names_every_status() -> None:
    assert set(TRANSITIONS) == set(Status)


@pytest.mark.parametrize("wanted", [status for status in Status if status is not Status.CLOSED])
def test_closed_ticket_never_changes(routed: Ticket, wanted: Status) -> None:
    closed = replace(routed, status=Status.CLOSED)
    with pytest.raises(TransitionError, match="no further change"):
        change_status(closed, wanted, LATER)


@pytest.mark.parametrize("current", Status)
@pytest.mark.parametrize("wanted", Status)
def test_every_pair_is_allowed_or_refused_as_the_table_says(
    routed: Ticket, current: Status, wanted: Status
) -> None:
    ticket = replace(routed, status=current)
    if wanted is current or wanted in TRANSITIONS[current]:
        assert change_status(ticket, wanted, LATER).status is wanted
    else:
        with pytest.raises(TransitionError, match=f"from {current} to {wanted}"):
            change_status(ticket, wanted, LATER)


def test_resolving_stops_the_clock_and_reopening_starts_it_again(routed: Ticket) -> None:
    resolved = change_status(routed, Status.RESOLVED, LATER, "called back")
    assert resolved.resolved_at == resolved.sla.resolved_at == resolved.sla.first_responded_at == LATER
    assert resolved.resolution_notes == "called back"
    assert resolved.resolution_time_s == 1800
    reopened = change_status(resolved, Status.IN_PROGRESS, LATER + timedelta(hours=1))
    assert reopened.resolved_at is None
    assert reopened.sla.resolved_at is None
    assert reopened.sla.first_responded_at == LATER


def test_same_status_keeps_everything_but_the_notes(routed: Ticket) -> None:
    same = change_status(routed, routed.status, LATER, "looked at")
    assert same == replace(routed, updated_at=LATER, resolution_notes="looked at")


def test_assigning_is_no_first_response(routed: Ticket) -> None:
    assert change_status(routed, Status.ASSIGNED, LATER).sla.first_responded_at is None
    assert change_status(routed, Status.PENDING_CUSTOMER, LATER).sla.first_responded_at == LATER

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema import Channel
from serving.domain.ticket import Priority, Tier
from serving.orchestrator.sla import plan_sla, read_clock
from tests.unit.serving.orchestrator.fakes import NOW, shipped_settings

POLICY = shipped_settings().sla
C, P = Channel, Priority
TABLE = {
    C.CHAT: {P.CRITICAL: (1, 2, 1), P.HIGH: (2, 4, 2), P.MEDIUM: (5, 8, 4), P.LOW: (15, 24, 12)},
    C.EMAIL: {P.CRITICAL: (15, 4, 2), P.HIGH: (30, 8, 4), P.MEDIUM: (60, 24, 12), P.LOW: (240, 48, 24)},
    C.PHONE: {P.CRITICAL: (0, 2, 1), P.HIGH: (0, 4, 2), P.MEDIUM: (5, 8, 4), P.LOW: (10, 24, 12)},
    C.SOCIAL_MEDIA: {P.CRITICAL: (5, 4, 2), P.HIGH: (15, 8, 4), P.MEDIUM: (30, 24, 12), P.LOW: (60, 48, 24)},
    C.SMS: dict.fromkeys(P, (60, 24, 12)),
    C.SELF_SERVICE: dict.fromkeys(P, (60, 24, 12)),
}
CELLS = [(channel, priority, *cell) for channel, row in TABLE.items() for priority, cell in row.items()]


@pytest.mark.parametrize(("channel", "priority", "minutes", "hours", "escalate"), CELLS)
def test_targets_are_those_of_the_brief(
    channel: Channel, priority: Priority, minutes: int, hours: int, escalate: int
) -> None:
    clock = plan_sla(POLICY, channel, priority, Tier.STANDARD, NOW).clock
    assert clock.first_response_due - NOW == timedelta(minutes=minutes)
    assert clock.resolution_due - NOW == timedelta(hours=hours)
    assert clock.escalate_at - NOW == timedelta(hours=escalate)


@pytest.mark.parametrize(
    ("tier", "hours"), [(Tier.ENTERPRISE, 4), (Tier.PLATINUM, 6), (Tier.GOLD, 8), (Tier.STANDARD, 8)]
)
def test_tier_multiplies_the_resolution_time_only(tier: Tier, hours: float) -> None:
    plan = plan_sla(POLICY, C.CHAT, P.MEDIUM, tier, NOW)
    assert plan.clock.resolution_due - NOW == timedelta(hours=hours)
    assert plan.clock.first_response_due - NOW == timedelta(minutes=5)


def test_rule_wins_where_it_is_stricter() -> None:
    plan = plan_sla(POLICY, C.EMAIL, P.LOW, Tier.PLATINUM, NOW, ("VIP_001", 4))
    assert plan.won_by == "rule VIP_001"
    assert plan.clock.resolution_due - NOW == timedelta(hours=4)
    assert [(bound.name, bound.hours) for bound in plan.bounds] == [
        ("target email/low × 0.75 for platinum", 36),
        ("rule VIP_001", 4),
    ]


def test_target_wins_where_it_is_stricter() -> None:
    plan = plan_sla(POLICY, C.CHAT, P.CRITICAL, Tier.STANDARD, NOW, ("DEFAULT_001", 24))
    assert plan.won_by == "target chat/critical"
    assert plan.clock.resolution_due - NOW == timedelta(hours=2)


@given(
    st.sampled_from(C),
    st.sampled_from(P),
    st.sampled_from(Tier),
    st.one_of(st.none(), st.floats(0.1, 100)),
)
def test_never_due_later_than_any_bound_nor_escalated_after_being_due(
    channel: Channel, priority: Priority, tier: Tier, hours: float | None
) -> None:
    plan = plan_sla(POLICY, channel, priority, tier, NOW, None if hours is None else ("R", hours))
    due = (plan.clock.resolution_due - NOW) / timedelta(hours=1)
    assert due == pytest.approx(min(bound.hours for bound in plan.bounds))
    assert plan.clock.first_response_due >= NOW
    assert plan.clock.escalate_at <= plan.clock.resolution_due


def test_clock_turns_from_fine_over_at_risk_to_breached() -> None:
    clock = plan_sla(POLICY, C.CHAT, P.HIGH, Tier.STANDARD, NOW).clock
    answered = replace(clock, first_responded_at=NOW + timedelta(minutes=1))
    fine = read_clock(POLICY, answered, NOW + timedelta(hours=3))
    assert fine.compliant
    assert not fine.at_risk
    assert fine.must_escalate
    late = read_clock(POLICY, answered, NOW + timedelta(hours=3, minutes=1))
    assert late.at_risk
    assert late.compliant
    over = read_clock(POLICY, answered, NOW + timedelta(hours=4, seconds=1))
    assert over.resolution_breached
    assert not over.at_risk
    assert not over.compliant


def test_missing_first_response_breaches() -> None:
    clock = plan_sla(POLICY, C.CHAT, P.HIGH, Tier.STANDARD, NOW).clock
    state = read_clock(POLICY, clock, NOW + timedelta(minutes=3))
    assert state.first_response_breached
    assert not state.compliant


def test_verdict_of_a_resolved_ticket_never_changes_and_asking_again_adds_nothing() -> None:
    clock = plan_sla(POLICY, C.CHAT, P.HIGH, Tier.STANDARD, NOW).clock
    done = replace(clock, first_responded_at=NOW, resolved_at=NOW + timedelta(hours=1))
    states = {read_clock(POLICY, done, NOW + timedelta(hours=hours)) for hours in (1, 5, 500)}
    assert len(states) == 1
    assert states.pop().compliant

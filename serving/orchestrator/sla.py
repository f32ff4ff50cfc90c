"""What is promised to a customer, computed after routing, when channel, priority, tier and rule are final."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.schema import Channel
from serving.domain.outcome import SlaBound
from serving.domain.sla import SlaClock, SlaTarget
from serving.domain.ticket import Priority, Tier
from serving.settings.policy import SlaSettings


@dataclass(frozen=True, slots=True)
class SlaPlan:
    """A clock, every limit on the resolution time, and the name of the one that won."""

    clock: SlaClock
    bounds: tuple[SlaBound, ...]
    won_by: str


def find_target(policy: SlaSettings, channel: Channel, priority: Priority) -> SlaTarget:
    """Returns the target of a channel and priority, the default one where none is listed."""
    listed = policy.targets.get(channel)
    target = listed[priority] if listed else policy.default
    return SlaTarget(target.first_response_minutes, target.resolution_hours, target.escalate_after_hours)


def plan_sla(
    policy: SlaSettings,
    channel: Channel,
    priority: Priority,
    tier: Tier,
    started_at: datetime,
    rule: tuple[str, float] | None = None,
) -> SlaPlan:
    """Returns the deadlines of a ticket.

    The tier's factor applies to the target's resolution time; the limit of the routing rule competes with the
    result, and the stricter wins. A ticket never escalates later than it is due.

    Args:
        policy: the targets.
        channel: of the ticket.
        priority: of the ticket, after routing.
        tier: of the customer.
        started_at: when the ticket came in.
        rule: id and hours of the routing rule, if it has a limit of its own.
    """
    target = find_target(policy, channel, priority)
    factor = policy.tier_factor[tier]
    name = f"target {channel}/{priority}" + (f" × {factor:g} for {tier}" if factor != 1 else "")
    bounds = [SlaBound(name, target.resolution_hours * factor)]
    if rule is not None:
        bounds.append(SlaBound(f"rule {rule[0]}", rule[1]))
    strictest = min(bounds, key=lambda bound: bound.hours)
    clock = SlaClock(
        started_at=started_at,
        first_response_due=started_at + timedelta(minutes=target.first_response_minutes),
        resolution_due=started_at + timedelta(hours=strictest.hours),
        escalate_at=started_at + timedelta(hours=min(target.escalate_after_hours, strictest.hours)),
    )
    return SlaPlan(clock, tuple(bounds), strictest.name)


@dataclass(frozen=True, slots=True)
class SlaState:
    """How a ticket stands against its promises at one moment."""

    compliant: bool
    first_response_breached: bool
    resolution_breached: bool
    at_risk: bool
    must_escalate: bool


def read_clock(policy: SlaSettings, clock: SlaClock, now: datetime) -> SlaState:
    """Returns the state of a clock at `now`; nothing is stored, so asking again changes nothing."""
    return SlaState(
        compliant=not clock.breached(now),
        first_response_breached=clock.first_response_breached(now),
        resolution_breached=clock.resolution_breached(now),
        at_risk=clock.at_risk(now, policy.at_risk_hours),
        must_escalate=clock.must_escalate(now),
    )

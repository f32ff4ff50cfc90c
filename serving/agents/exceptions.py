"""Handles service exceptions: why people must handle a ticket, and whether that is out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from data.schema import Category, Sentiment
from serving.domain.decision import Escalation, EscalationCode, GateResult, Reason, ReasonCode
from serving.domain.ticket import Priority, Tier
from serving.settings.policy import EscalationSettings


@dataclass(frozen=True, slots=True)
class HandOver:
    """A ticket that goes to people; `gate` says why it was not answered."""

    tier: Tier
    category: Category
    sentiment: Sentiment
    priority: Priority
    gate: GateResult


class HandleServiceExceptionsCustomerServiceAgent:
    """Judges hand-overs: complaints, critical tickets, unhappy and important customers.

    PCF 7.x: 6.2.3 "Manage customer complaints" (10389).
    """

    id: ClassVar[str] = "6.2.2"

    def __init__(self, policy: EscalationSettings) -> None:
        self._policy = policy

    def assess(self, case: HandOver) -> Escalation:
        """Returns the reasons of a hand-over, at least one, and whether it counts as an exception."""
        special = tuple(self._special(case))
        exception = bool(special) or case.category in self._policy.categories
        if special and all(reason.code in _HANDLED_BY_SPECIAL for reason in case.gate.reasons):
            return Escalation(exception, special)
        none_suits = Reason(
            EscalationCode.NO_SUITABLE_RESOLUTION, "; ".join(reason.sentence for reason in case.gate.reasons)
        )
        return Escalation(exception, (*special, none_suits))

    def _special(self, case: HandOver) -> Iterator[Reason]:
        policy = self._policy
        if case.priority in policy.priorities:
            yield Reason(EscalationCode.CRITICAL_PRIORITY, f"the priority is {case.priority}")
        if case.sentiment in policy.sentiments:
            yield Reason(EscalationCode.NEGATIVE_SENTIMENT, f"the customer sounds {case.sentiment}")
        if case.tier in policy.vip_tiers:
            yield Reason(EscalationCode.VIP_CUSTOMER, f"the customer's tier is {case.tier}")
        for reason in case.gate.reasons:
            if reason.code == ReasonCode.NEVER_PHRASE:
                yield Reason(EscalationCode.PROTECTED_MATTER, reason.sentence)


_HANDLED_BY_SPECIAL = (
    ReasonCode.CRITICAL_PRIORITY,
    ReasonCode.VERY_NEGATIVE_SENTIMENT,
    ReasonCode.NEVER_PHRASE,
)
"""Gate reasons that say nothing about the article."""

"""Measures and evaluates operations: volume, rates and money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from serving.domain.ticket import Ticket
from serving.settings.desk import CostSettings


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over some tickets: a ticket is auto-resolved or handed to people."""

    tickets: int
    auto_resolved: int
    sla_compliant: int

    @property
    def escalated(self) -> int:
        """Tickets that were handed to people."""
        return self.tickets - self.auto_resolved


@dataclass(frozen=True, slots=True)
class Kpis:
    """Key figures of some tickets; rates in [0, 1], money in USD, None without a ticket.

    Attributes:
        cost_savings: over all tickets, against handling each by hand.
        on_cost_target: whether the mean cost is at most the target.
    """

    tickets: int
    auto_resolved: int
    escalated: int
    auto_resolution_rate: float | None
    human_escalation_rate: float | None
    sla_compliance_rate: float | None
    cost_per_ticket: float | None
    cost_savings: float
    on_cost_target: bool | None


class MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent:
    """Computes key figures.

    PCF 7.x: 6.5, the evaluation of customer service operations (20595).
    """

    id: ClassVar[str] = "6.3"

    def __init__(self, costs: CostSettings) -> None:
        self._costs = costs

    def measure(self, tickets: Iterable[Ticket], now: datetime) -> Kpis:
        """Returns the key figures of `tickets` as they stand at `now`."""
        rows = [(ticket.auto_resolved, not ticket.sla.breached(now)) for ticket in tickets]
        return self.evaluate(Tally(len(rows), sum(auto for auto, _ in rows), sum(kept for _, kept in rows)))

    def evaluate(self, tally: Tally) -> Kpis:
        """Returns the key figures of counted tickets.

        The cost of a ticket is the mean over all of them: (auto-resolved × automated price + escalated
        × human price) / tickets. Savings are tickets × (traditional price − cost of a ticket).
        """
        count, costs = tally.tickets, self._costs
        spent = tally.auto_resolved * costs.automated_ticket + tally.escalated * costs.human_ticket
        cost = spent / count if count else None
        return Kpis(
            tickets=count,
            auto_resolved=tally.auto_resolved,
            escalated=tally.escalated,
            auto_resolution_rate=tally.auto_resolved / count if count else None,
            human_escalation_rate=tally.escalated / count if count else None,
            sla_compliance_rate=tally.sla_compliant / count if count else None,
            cost_per_ticket=cost,
            cost_savings=count * costs.traditional_ticket - spent,
            on_cost_target=None if cost is None else cost <= costs.target_ticket,
        )

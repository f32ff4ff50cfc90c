from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.agents import MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent
from serving.agents.operations import Tally
from tests.unit.serving.orchestrator.fakes import (
    NOW,
    FakeModels,
    make_desk,
    message,
    shipped_settings,
    verdict,
)

COSTS = shipped_settings().costs
AGENT = MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent(COSTS)


def test_two_of_three_cost_what_the_formula_says() -> None:
    kpis = AGENT.evaluate(Tally(tickets=3, auto_resolved=2, sla_compliant=3))
    assert kpis.auto_resolution_rate == pytest.approx(2 / 3)
    assert kpis.human_escalation_rate == pytest.approx(1 / 3)
    assert kpis.cost_per_ticket == pytest.approx((2 * 15.00 + 37.50) / 3)
    assert kpis.cost_savings == pytest.approx(3 * (37.50 - 22.50))
    assert kpis.on_cost_target is False


def test_all_automatic_is_on_target() -> None:
    assert AGENT.evaluate(Tally(10, 10, 10)).on_cost_target is True


def test_no_ticket_has_no_rates() -> None:
    kpis = AGENT.evaluate(Tally(0, 0, 0))
    assert (kpis.auto_resolution_rate, kpis.cost_per_ticket, kpis.on_cost_target) == (None, None, None)
    assert kpis.cost_savings == 0


def test_measure_counts_tickets_and_kept_promises_as_of_now() -> None:
    desk, unsure = make_desk(), make_desk(FakeModels(verdict=verdict(None)))
    tickets = [
        desk.handle([desk.accept(message())])[0].ticket,
        unsure.handle([unsure.accept(message())])[0].ticket,
    ]
    assert AGENT.measure(tickets, NOW).sla_compliance_rate == 1.0
    late = AGENT.measure(tickets, NOW + timedelta(days=2))
    assert (late.tickets, late.auto_resolved, late.escalated, late.sla_compliance_rate) == (2, 1, 1, 0.5)


@given(st.integers(1, 1000), st.data())
def test_more_automatic_answers_never_cost_more(tickets: int, data: st.DataObject) -> None:
    auto = data.draw(st.integers(0, tickets - 1))
    less, more = (AGENT.evaluate(Tally(tickets, count, 0)) for count in (auto, auto + 1))
    assert less.cost_per_ticket is not None
    assert more.cost_per_ticket is not None
    assert more.cost_per_ticket < less.cost_per_ticket
    assert less.cost_savings == pytest.approx(tickets * (COSTS.traditional_ticket - less.cost_per_ticket))

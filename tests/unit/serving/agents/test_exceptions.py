import pytest

from data.schema import Category, Sentiment
from serving.agents import HandleServiceExceptionsCustomerServiceAgent
from serving.agents.exceptions import HandOver
from serving.domain.decision import Escalation, EscalationCode, GateResult, Reason, ReasonCode
from serving.domain.ticket import Priority, Tier
from tests.unit.serving.orchestrator.fakes import shipped_settings

AGENT = HandleServiceExceptionsCustomerServiceAgent(shipped_settings().escalation)


def assess(
    *against: ReasonCode,
    tier: Tier = Tier.STANDARD,
    category: Category = Category.OTHER,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    priority: Priority = Priority.MEDIUM,
) -> Escalation:
    gate = GateResult(False, 0.8, tuple(Reason(code, f"because of {code}") for code in against))
    return AGENT.assess(HandOver(tier, category, sentiment, priority, gate))


def codes(escalation: Escalation) -> list[str]:
    return [reason.code for reason in escalation.reasons]


def test_unsure_article_is_no_exception() -> None:
    found = assess(ReasonCode.BELOW_THRESHOLD)
    assert not found.exception
    assert codes(found) == [EscalationCode.NO_SUITABLE_RESOLUTION]
    assert found.reasons[0].sentence == "because of below_threshold"


def test_critical_priority() -> None:
    found = assess(ReasonCode.CRITICAL_PRIORITY, priority=Priority.CRITICAL)
    assert (found.exception, codes(found)) == (True, [EscalationCode.CRITICAL_PRIORITY])


@pytest.mark.parametrize("sentiment", [Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE])
def test_negative_sentiment(sentiment: Sentiment) -> None:
    found = assess(ReasonCode.BELOW_THRESHOLD, sentiment=sentiment)
    assert found.exception
    assert codes(found) == [EscalationCode.NEGATIVE_SENTIMENT, EscalationCode.NO_SUITABLE_RESOLUTION]


@pytest.mark.parametrize("tier", [Tier.PLATINUM, Tier.ENTERPRISE])
def test_vip_customer(tier: Tier) -> None:
    found = assess(ReasonCode.NO_ARTICLE, tier=tier)
    assert codes(found) == [EscalationCode.VIP_CUSTOMER, EscalationCode.NO_SUITABLE_RESOLUTION]


def test_protected_matter() -> None:
    found = assess(ReasonCode.NEVER_PHRASE)
    assert (found.exception, codes(found)) == (True, [EscalationCode.PROTECTED_MATTER])


def test_complaint_is_an_exception_without_a_reason_of_its_own() -> None:
    found = assess(ReasonCode.HUMAN_TOPIC, category=Category.COMPLAINT)
    assert (found.exception, codes(found)) == (True, [EscalationCode.NO_SUITABLE_RESOLUTION])


@pytest.mark.parametrize("code", [code for code in ReasonCode if code is not ReasonCode.SURE_ENOUGH])
def test_every_gate_reason_leads_to_a_recorded_reason(code: ReasonCode) -> None:
    assert assess(code, priority=Priority.CRITICAL).reasons
    assert assess(code).reasons

import pytest

from data.schema import Category, Channel, Sentiment
from serving.domain.decision import Route
from serving.domain.phrases import split_words
from serving.domain.ticket import Priority, Tier
from serving.orchestrator.routing import Router, RoutingCase
from serving.settings.policy import RoutingSettings
from tests.unit.serving.orchestrator.fakes import shipped_settings

ROUTER = Router(shipped_settings().routing)


def route(
    tier: Tier = Tier.STANDARD,
    category: Category = Category.OTHER,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    text: str = "hello",
    priority: Priority = Priority.MEDIUM,
    router: Router = ROUTER,
) -> Route:
    return router.route(
        RoutingCase(tier, category, sentiment, Channel.EMAIL, "en", split_words(text), priority)
    )


@pytest.mark.parametrize("tier", [Tier.PLATINUM, Tier.ENTERPRISE])
def test_vip_001(tier: Tier) -> None:
    found = route(tier, Category.TECHNICAL)
    assert (found.rule_id, found.queue, found.priority) == ("VIP_001", "vip_support", Priority.HIGH)
    assert (found.sla_hours, found.senior_agent) == (4, True)
    assert "slack:#vip-support" in found.notify
    assert any(address.startswith("email:") for address in found.notify)
    assert found.skipped == ()


def test_tech_001() -> None:
    found = route(Tier.GOLD, Category.TECHNICAL)
    assert (found.rule_id, found.queue, found.priority) == ("TECH_001", "technical_support", Priority.MEDIUM)
    assert (found.sla_hours, found.skills) == (8, ("technical_troubleshooting", "product_expertise"))


@pytest.mark.parametrize("sentiment", [Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE])
def test_bill_001(sentiment: Sentiment) -> None:
    found = route(category=Category.BILLING, sentiment=sentiment, text="refund")
    assert (found.rule_id, found.queue, found.priority) == ("BILL_001", "billing_specialist", Priority.HIGH)
    assert found.sla_hours == 6
    assert found.notify


def test_comp_001() -> None:
    found = route(category=Category.COMPLAINT)
    assert (found.rule_id, found.queue, found.priority) == ("COMP_001", "escalation_team", Priority.CRITICAL)
    assert (found.sla_hours, found.manager_review) == (4, True)


@pytest.mark.parametrize("category", [Category.RETURNS, Category.BILLING])
@pytest.mark.parametrize(
    "text",
    [
        "I want a refund",
        "may I return it",
        "exchange please",
        "quiero un reembolso",
        "la devolución del pedido",
        "un cambio de talla",
        "un remboursement svp",
        "je veux le retourner",
        "échanger la lampe",
        "Rückerstattung",
        "ich möchte das zurückgeben",
        "Umtausch möglich?",
        "返金してください",
        "返品したいです",
        "交換できますか",
        "我要退款",
        "怎么退货",
        "可以换货吗",
    ],
)
def test_ret_001_in_six_languages(category: Category, text: str) -> None:
    found = route(category=category, text=text)
    assert (found.rule_id, found.queue, found.priority) == ("RET_001", "returns_processing", Priority.MEDIUM)
    assert (found.sla_hours, found.auto_approve_up_to_usd) == (12, 100)
    assert any("the message says" in because for because in found.because)


@pytest.mark.parametrize(
    ("category", "text"),
    [
        (Category.RETURNS, "the wrong parcel arrived"),
        (Category.SHIPPING, "refund"),
        (Category.BILLING, "my invoice, please"),
        (Category.BILLING, "no llegó; en cambio, me cobraron"),
    ],
)
def test_default_001(category: Category, text: str) -> None:
    found = route(category=category, text=text)
    assert (found.rule_id, found.queue, found.priority) == ("DEFAULT_001", "general_support", Priority.MEDIUM)
    assert found.sla_hours == 24
    assert found.because == ("no other rule matched",)


def test_skipped_rules_say_why_they_did_not_match() -> None:
    skipped = {rule.rule_id: rule.because for rule in route(category=Category.RETURNS).skipped}
    assert skipped == {
        "VIP_001": "tier is standard, not platinum or enterprise",
        "TECH_001": "category is returns, not technical",
        "BILL_001": "category is returns, not billing",
        "COMP_001": "category is returns, not complaint",
        "RET_001": "none of its keywords is said",
    }


def test_adjustment_stops_at_critical() -> None:
    assert route(category=Category.COMPLAINT, priority=Priority.HIGH).priority is Priority.CRITICAL
    assert route(category=Category.COMPLAINT, priority=Priority.LOW).priority is Priority.HIGH


def test_conditions_on_channel_and_language_are_data_too() -> None:
    policy = RoutingSettings.model_validate(
        {
            "queues": ["a", "b", "c"],
            "rules": [
                {"id": "1", "when": {"channels": ["sms"]}, "queue": "a"},
                {"id": "2", "when": {"languages": ["en"]}, "queue": "b", "raise_priority": -1},
                {"id": "3", "when": {}, "queue": "c"},
            ],
        }
    )
    found = route(router=Router(policy))
    assert (found.queue, found.priority, found.sla_hours) == ("b", Priority.LOW, None)
    assert found.skipped[0].because == "channel is email, not sms"

from data.schema import Channel
from serving.agents import ResolveCustomerIssuesCustomerServiceAgent
from serving.orchestrator.gate import Gate
from serving.replies.compose import ReplyWriter
from tests.unit.serving.orchestrator.fakes import (
    ARTICLES,
    TOPIC_ARTICLES,
    make_desk,
    message,
    shipped_settings,
)

SETTINGS = shipped_settings()
AGENT = ResolveCustomerIssuesCustomerServiceAgent(
    Gate(SETTINGS.gate, SETTINGS.channels, TOPIC_ARTICLES),
    ReplyWriter(SETTINGS.replies, SETTINGS.channels),
    {("KB001", "en"): 0.9},
)


def test_answer_names_the_customer_the_steps_and_the_ticket() -> None:
    intake = make_desk().accept(message())
    text = AGENT.answer(ARTICLES["KB001", "en"], intake, "en", "TKT-20260302120000-000001")
    assert text.startswith("Hello Alice Johnson,")
    assert "1. Open the app.\n2. Tap Forgot." in text
    assert "TKT-20260302120000-000001" in text


def test_acknowledgement_says_when_a_person_answers() -> None:
    intake = make_desk().accept(message())
    assert "within 15 minutes" in AGENT.acknowledge(intake, "en", "TKT-1", 15)


def test_success_of_an_article_is_known_or_not() -> None:
    assert AGENT.article_success("KB001", "en") == 0.9
    assert AGENT.article_success("KB001", "de") is None
    assert AGENT.article_success("KB002", "en") is None
    assert AGENT.article_success(None, None) is None


def test_may_write_follows_the_channel() -> None:
    assert AGENT.may_write(Channel.CHAT)
    assert not AGENT.may_write(Channel.PHONE)

import time
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from data.schema import Channel, Language, Sentiment
from serving.domain.decision import Action, EscalationCode, ReasonCode
from serving.domain.events import EventKind
from serving.domain.intake import Incoming, Intake
from serving.domain.outcome import Outcome
from serving.domain.ticket import Direction, Priority, Status, Tier
from serving.errors import IntakeError, RatingError, TransitionError
from serving.orchestrator.desk import Desk
from tests.unit.serving.orchestrator.fakes import (
    NOW,
    FakeKnowledge,
    FakeModels,
    FixedClock,
    make_desk,
    message,
    reading,
    verdict,
)


def handle(desk: Desk, *messages: Incoming) -> list[Outcome]:
    return desk.handle([desk.accept(one) for one in messages])


def test_sure_article_answers_in_the_customers_language() -> None:
    models = FakeModels(reading(language="ja"), verdict(language="ja"))
    outcome = handle(make_desk(models), message("パスワードを忘れました"))[0]
    ticket = outcome.ticket
    assert (ticket.status, ticket.auto_resolved, ticket.queue) == (Status.RESOLVED, True, None)
    assert (ticket.article_id, ticket.article_language, ticket.attempts) == ("KB001", "ja", 1)
    assert ticket.resolved_at == NOW
    assert not ticket.sla.breached(NOW + timedelta(days=9))
    inbound, outbound = outcome.messages
    assert inbound.text == "パスワードを忘れました"
    assert (outbound.direction, outbound.automatic, outbound.article_id) == (
        Direction.OUTBOUND,
        True,
        "KB001",
    )
    assert "アプリを開きます。" in outbound.text
    assert outcome.decision.action is Action.AUTO_RESOLVE


def test_unsure_ticket_is_routed_with_reasons_and_acknowledged() -> None:
    models = FakeModels(reading(language="de", category="billing"), verdict(probability=0.3))
    outcome = handle(make_desk(models), message("Ich möchte eine Rückerstattung", "email"))[0]
    ticket = outcome.ticket
    assert (ticket.status, ticket.queue, ticket.rule_id) == (
        Status.ESCALATED,
        "returns_processing",
        "RET_001",
    )
    assert ticket.escalation_reasons == (EscalationCode.NO_SUITABLE_RESOLUTION,)
    assert ticket.article_id is None
    assert ticket.resolved_at is None
    assert "innerhalb von einer Stunde" in outcome.messages[1].text
    assert ticket.id in outcome.messages[1].text


def test_hacked_account_is_never_answered() -> None:
    models = FakeModels(verdict=verdict(probability=1.0, threshold=0.1))
    text = "My account was hacked and I cannot reset my password; money is missing"
    outcome = handle(make_desk(models), message(text))[0]
    assert outcome.ticket.status is Status.ESCALATED
    assert EscalationCode.PROTECTED_MATTER in outcome.ticket.escalation_reasons
    assert [event.kind for event in outcome.events][-1] is EventKind.ESCALATED


def test_sla_is_set_after_routing_has_raised_the_priority() -> None:
    models = FakeModels(reading(category="complaint", urgent=0.0), verdict(None))
    outcome = handle(make_desk(models), message(tier=Tier.GOLD))[0]
    assert outcome.decision.base.priority is Priority.HIGH
    assert outcome.ticket.priority is Priority.CRITICAL
    assert outcome.ticket.sla.resolution_due == NOW + timedelta(hours=2)
    assert outcome.explanation.sla_from == "target chat/critical"
    assert [bound.name for bound in outcome.explanation.sla_bounds] == [
        "target chat/critical",
        "rule COMP_001",
    ]


def test_vip_is_answered_if_sure_and_routed_to_vip_support_otherwise() -> None:
    alice = message("Cannot access my account", tier=Tier.PLATINUM)
    answered = handle(make_desk(), alice)[0].ticket
    assert (answered.auto_resolved, answered.priority) == (True, Priority.HIGH)
    routed = handle(make_desk(FakeModels(verdict=verdict(probability=0.1))), alice)[0].ticket
    assert (routed.queue, routed.priority) == ("vip_support", Priority.CRITICAL)
    assert EscalationCode.VIP_CUSTOMER in routed.escalation_reasons


def test_phone_is_routed_without_a_written_message() -> None:
    outcome = handle(make_desk(), message("um yeah i forgot the password", "phone"))[0]
    assert outcome.ticket.status is Status.ESCALATED
    assert [one.direction for one in outcome.messages] == [Direction.INBOUND]
    assert [reason.code for reason in outcome.decision.reasons] == [ReasonCode.CHANNEL_WITHOUT_ANSWERS]


def test_undetermined_language_is_acknowledged_in_english() -> None:
    outcome = handle(make_desk(FakeModels(reading(language="und"))), message("Забыл пароль"))[0]
    assert outcome.ticket.language == "und"
    assert outcome.messages[1].text.startswith("Hello Alice Johnson,")


def test_article_that_left_the_index_is_not_sent() -> None:
    desk = make_desk(knowledge=FakeKnowledge(articles={}))
    assert handle(desk, message())[0].ticket.status is Status.ESCALATED


def test_article_with_bad_standing_is_not_sent_and_standings_are_read_live() -> None:
    standings = {("KB001", "en"): 0.9, ("KB001", "ja"): 0.1}
    desk = make_desk(standings=standings)
    assert handle(desk, message())[0].ticket.auto_resolved
    standings["KB001", "en"] = 0.5
    assert not handle(desk, message())[0].ticket.auto_resolved


def test_ticket_lives_from_its_arrival_not_from_its_batch() -> None:
    clock = FixedClock()
    desk = make_desk(clock=clock)
    intake = desk.accept(message())
    clock.time = NOW + timedelta(seconds=90)
    outcome = desk.handle([intake])[0]
    ticket = outcome.ticket
    assert (ticket.created_at, ticket.resolved_at, ticket.resolution_time_s) == (NOW, clock.time, 90)
    assert ticket.sla.started_at == NOW
    assert ticket.sla.first_response_breached(clock.time) is False
    assert [one.sent_at for one in outcome.messages] == [NOW, clock.time]
    assert [event.at for event in outcome.events] == [NOW, clock.time, clock.time]
    assert ticket.id.startswith(f"TKT-{NOW:%Y%m%d%H%M%S}-")


def test_events_carry_who_did_it_and_with_which_versions() -> None:
    outcome = handle(make_desk(), message())[0]
    kinds = [(event.kind, event.actor) for event in outcome.events]
    assert kinds == [
        (EventKind.TICKET_CREATED, "6.2.1"),
        (EventKind.TICKET_READ, "6.2.1"),
        (EventKind.AUTO_RESOLVED, "6.2.3"),
    ]
    assert {(event.model_version, event.index_version) for event in outcome.events} == {
        ("models-1", "index-1")
    }


def test_explanation_and_events_are_json_and_complete() -> None:
    outcome = handle(make_desk(FakeModels(verdict=verdict(probability=0.4))), message())[0]
    told = orjson.loads(orjson.dumps(outcome.explanation))
    assert told == orjson.loads(orjson.dumps(outcome.explanation.plain()))
    assert told["category"] == {"value": "account", "probability": 0.9}
    assert (told["article_id"], told["probability"], told["threshold"]) == ("KB001", 0.4, 0.8)
    assert told["decision"]["route"]["rule_id"] == "DEFAULT_001"
    assert len(told["decision"]["route"]["skipped"]) == 5
    assert told["decision"]["gate"]["reasons"][0]["code"] == "below_threshold"
    assert told["proposals"][0]["title"] == "Reset your password"
    assert (told["model_version"], told["index_version"]) == ("models-1", "index-1")
    orjson.dumps(outcome.events)


def test_batch_keeps_its_order_and_an_empty_one_asks_nothing() -> None:
    models = FakeModels()
    desk = make_desk(models)
    assert handle(desk) == []
    assert models.texts == []
    outcomes = handle(desk, message("one"), message("two", subject="Two"), message("three"))
    assert [outcome.messages[0].text for outcome in outcomes] == ["one", "two", "three"]
    assert models.texts == ["one", "Two\ntwo", "three"]
    assert models.lengths == [3, 7, 5]
    assert len({outcome.ticket.id for outcome in outcomes}) == 3


def test_same_message_alone_or_in_a_batch_has_the_same_decision() -> None:
    desk = make_desk(FakeModels(verdict=verdict(probability=0.5)))
    alone = handle(desk, message("refund"))[0]
    together = handle(desk, message("a"), message("refund"))[1]
    assert alone.decision == together.decision


def test_further_message_is_answered_until_the_attempts_are_used_up() -> None:
    desk = make_desk()
    ticket = handle(desk, message())[0].ticket
    for attempt in (2, 3):
        ticket = handle(desk, message("still not working", prior=ticket))[0].ticket
        assert (ticket.attempts, ticket.status) == (attempt, Status.RESOLVED)
    last = handle(desk, message("and again", prior=ticket))[0]
    assert last.ticket.status is Status.ESCALATED
    assert last.ticket.article_id == "KB001"
    assert [reason.code for reason in last.decision.reasons] == [ReasonCode.ATTEMPTS_USED_UP]
    assert last.events[0].kind is EventKind.MESSAGE_RECEIVED


def test_further_message_on_an_escalated_ticket_stays_with_its_people() -> None:
    desk = make_desk(FakeModels(reading(sentiment="very_negative", category="complaint")))
    first = handle(desk, message("this is a scandal"))[0].ticket
    calm = make_desk(clock=FixedClock(NOW + timedelta(hours=1)))
    second = handle(calm, message("I forgot my password", prior=first))[0]
    assert second.ticket.id == first.id
    assert (second.ticket.status, second.ticket.queue) == (Status.ESCALATED, first.queue)
    assert second.ticket.sla == first.sla
    assert second.ticket.priority is first.priority
    assert len(second.messages) == 1
    assert ReasonCode.ALREADY_ESCALATED in [reason.code for reason in second.decision.reasons]
    assert second.events[-1].kind is EventKind.ROUTED


def test_closed_ticket_takes_no_further_message() -> None:
    desk = make_desk()
    ticket = replace(handle(desk, message())[0].ticket, status=Status.CLOSED)
    with pytest.raises(IntakeError, match="is closed"):
        desk.accept(message(prior=ticket))


def test_change_records_who_and_refuses_what_is_not_allowed() -> None:
    desk = make_desk()
    ticket = handle(desk, message())[0].ticket
    closed, event = desk.change(ticket, Status.CLOSED, "agent-7", "done")
    assert closed.status is Status.CLOSED
    assert (event.kind, event.actor) == (EventKind.STATUS_CHANGED, "agent-7")
    assert event.detail == {"from": "resolved", "to": "closed", "notes": "done"}
    with pytest.raises(TransitionError):
        desk.change(closed, Status.NEW, "agent-7")


def test_rating_and_key_figures_come_from_the_agents() -> None:
    desk = make_desk()
    ticket = handle(desk, message())[0].ticket
    rating, event = desk.rate(ticket, 9, "quick")
    assert rating.satisfied
    assert (event.kind, event.detail["rating"]) == (EventKind.RATED, 9)
    with pytest.raises(RatingError):
        desk.rate(ticket, 11)
    assert desk.measure([ticket]).auto_resolution_rate == 1.0


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.PHONE])
def test_every_language_and_channel_is_told_something(language: Language, channel: Channel) -> None:
    for found in (verdict(), verdict(None)):
        outcome = handle(make_desk(FakeModels(reading(language=language), found)), message("x", channel))[0]
        assert outcome.messages[1].text.strip()
        assert "$" not in outcome.messages[1].text


@pytest.mark.parametrize("sentiment", Sentiment)
def test_every_sentiment_has_a_decision(sentiment: Sentiment) -> None:
    outcome = handle(make_desk(FakeModels(reading(sentiment=sentiment))), message())[0]
    assert outcome.ticket.auto_resolved is (sentiment is not Sentiment.VERY_NEGATIVE)


def test_handling_takes_little_beside_the_models() -> None:
    desk = make_desk(FakeModels(verdict=verdict(probability=0.5)))
    text = "I ordered a lamp three weeks ago and would like my money back, order LM-48213. " * 3
    intakes = [desk.accept(message(text, subject="Refund")) for _ in range(200)]
    desk.handle(intakes)
    best = min(_seconds(desk, intakes) for _ in range(5))
    assert best / len(intakes) < 0.0006
    print(f"{best / len(intakes) * 1e6:.0f} µs a ticket")


def _seconds(desk: Desk, intakes: list[Intake]) -> float:
    begun = time.perf_counter()
    desk.handle(intakes)
    return time.perf_counter() - begun

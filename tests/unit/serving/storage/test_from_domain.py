from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson

from data.schema import Category, Channel, Sentiment
from serving.domain.decision import Action, Decision, GateResult, PriorityPart, PriorityScore, Reason
from serving.domain.events import Event, EventKind
from serving.domain.outcome import Explanation, Outcome, Probable
from serving.domain.sla import SlaClock
from serving.domain.ticket import Customer, Direction, Message, Priority, Status, Ticket, Tier
from serving.storage.column_types import dump_json
from serving.storage.from_domain import to_domain_customer, to_domain_ticket, to_new_ticket
from tests.unit.serving.storage.builders import START

CUSTOMER = Customer(
    id="CUST-1", name="山田", tier=Tier.GOLD, language="ja", preferred_channel=Channel.CHAT, tags=("a",)
)
TICKET = Ticket(
    id="TKT-1",
    customer=CUSTOMER,
    channel=Channel.CHAT,
    subject="パスワード",
    language="ja",
    status=Status.ESCALATED,
    priority=Priority.HIGH,
    category=Category.ACCOUNT,
    topic="password_reset",
    sentiment=Sentiment.NEGATIVE,
    urgent=True,
    created_at=START,
    updated_at=START,
    sla=SlaClock(START, START + timedelta(minutes=2), START + timedelta(hours=4), START + timedelta(hours=2)),
    attempts=1,
    resolution_probability=0.4,
    queue="general_support",
    rule_id="DEFAULT_001",
    escalation_reasons=("vip_customer",),
    source_id="mail-1",
    metadata={"source": "web"},
    model_version="b1",
    index_version="i1",
)


def _outcome() -> Outcome:
    score = PriorityScore(Priority.HIGH, 3, (PriorityPart("sentiment", 1),))
    decision = Decision(Action.ROUTE, score, GateResult(False, None, (Reason("no_article", "none"),)))
    sure = Probable("account", 0.9)
    explanation = Explanation(
        language="ja",
        category=sure,
        topic=sure,
        sentiment=sure,
        urgent=sure,
        categories={"account": 0.9},
        out_of_scope=0.1,
        proposals=(),
        article_id=None,
        article_language=None,
        probability=0.4,
        threshold=None,
        decision=decision,
        sla_bounds=(),
        sla_from="target",
        model_version="b1",
        index_version="i1",
    )
    message = Message("TKT-1", Direction.INBOUND, "CUST-1", "text", "ja", START, original="text ")
    event = Event("TKT-1", EventKind.ROUTED, START, "agent", "b1", "i1", {"queue": "general_support"})
    return Outcome(TICKET, (message,), (event,), decision, explanation)


def test_ticket_to_row_and_back_is_the_same() -> None:
    bundle = to_new_ticket(_outcome())
    assert bundle.customer is not None
    customer = to_domain_customer(bundle.customer)
    assert customer == CUSTOMER
    assert to_domain_ticket(bundle.ticket, customer) == TICKET


def test_new_ticket_carries_messages_events_and_plain_json() -> None:
    bundle = to_new_ticket(_outcome())
    assert [(m.body, m.original) for m in bundle.messages] == [("text", "text ")]
    assert [(e.type, e.data) for e in bundle.events] == [("routed", {"queue": "general_support"})]
    decision, explanation = (orjson.loads(dump_json(v)) for v in (bundle.ticket.decision, bundle.explanation))
    assert decision["gate"]["reasons"] == [{"code": "no_article", "sentence": "none"}]
    assert explanation["category"] == {"value": "account", "probability": 0.9}
    assert explanation["decision"] == decision


def test_text_that_no_database_takes_is_replaced_inside_nested_records_too() -> None:
    reason = Reason("never_phrase", "the message says '\x00\ud800'")
    stored = orjson.loads(dump_json({"gate": GateResult(False, 0.5, (reason,))}))
    assert stored["gate"]["reasons"] == [
        {"code": "never_phrase", "sentence": "the message says '\ufffd\ufffd'"}
    ]


def test_resolution_time_survives() -> None:
    done = replace(TICKET, resolved_at=START + timedelta(seconds=7), status=Status.RESOLVED)
    row = to_new_ticket(replace(_outcome(), ticket=done)).ticket
    assert to_domain_ticket(row, CUSTOMER).resolution_time_s == 7

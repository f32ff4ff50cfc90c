"""No key without an effect: every value in support.yaml is changed, and something must come out different.

`OBSERVED` maps a pattern of key paths to how the value is changed and what is looked at. `CONSUMERS` names,
for the keys that are read outside the desk, the module that reads them and how. A key in neither fails the
test; so does a change that nothing notices.
"""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.schema import Category, Channel, Sentiment
from kb_index.plan import IndexKind, choose_plan
from serving.agents.exceptions import HandOver
from serving.domain.decision import Decision, GateResult, Reason
from serving.domain.outcome import Outcome
from serving.domain.phrases import split_words
from serving.domain.ticket import Priority, Tier
from serving.errors import IntakeError
from serving.orchestrator.gate import Gate, GateCase
from serving.orchestrator.priority import score_priority
from serving.orchestrator.routing import Router, RoutingCase
from serving.orchestrator.sla import plan_sla
from serving.settings import Problem, Settings
from serving.settings.load import SHIPPED_FILE, parse_settings
from tests.unit.serving.orchestrator.fakes import (
    ARTICLES,
    NOW,
    TOPIC_ARTICLES,
    FakeKnowledge,
    FakeModels,
    make_desk,
    message,
    verdict,
)

ROOT = SHIPPED_FILE.parent
Keys = dict[str, str]
"""The named parts of a key's path, such as ``channel``."""


@dataclass(frozen=True)
class Look:
    """How a key is changed, and what is looked at before and after."""

    change: Callable[[Any], Any]
    at: Callable[[Settings, Keys], object]


def more(value: float) -> float:
    return value + 1


def other(choices: Any) -> Callable[[Any], Any]:
    return lambda value: next(str(choice) for choice in choices if choice != value)


def handle(settings: Settings, models: FakeModels | None = None, **fields: Any) -> Outcome:
    desk = make_desk(models, settings)
    return desk.handle([desk.accept(message(**fields))])[0]


def reply(settings: Settings, channel: str) -> str | None:
    """What the customer is told, if anything."""
    title = "How to reset your password when the mail with the link does not arrive"
    article = replace(ARTICLES["KB001", "en"], title=title)
    desk = make_desk(settings=settings, knowledge=FakeKnowledge(articles={("KB001", "en"): article}))
    outcome = desk.handle([desk.accept(message(channel=channel))])[0]
    return outcome.messages[1].text if len(outcome.messages) > 1 else None


def accepts(settings: Settings, **fields: Any) -> bool:
    try:
        make_desk(settings=settings).accept(message(**fields))
    except IntakeError:
        return False
    return True


def length_read(settings: Settings, keys: Keys) -> object:
    return len(make_desk(settings=settings).accept(message(text="x" * 30_000)).message)


def longest(field: str, characters: int) -> Callable[[Settings, Keys], object]:
    return lambda settings, keys: accepts(settings, **{field: "x" * characters})


def reply_over(settings: Settings, keys: Keys) -> object:
    return reply(settings, keys["channel"])


def taken_from(settings: Settings, keys: Keys) -> object:
    return accepts(settings, channel=keys["channel"])


def email_reply(settings: Settings, keys: Keys) -> object:
    return reply(settings, "email")


def scores(settings: Settings, keys: Keys) -> object:
    """The score and priority of every tier, sentiment, category and urgency."""
    return [
        score_priority(settings.priority, tier, sentiment, category, urgent)
        for tier in Tier
        for sentiment in Sentiment
        for category in Category
        for urgent in (False, True)
    ]


CASE = GateCase(
    channel=Channel.EMAIL,
    language="en",
    words=split_words("I forgot my password"),
    topic="password_reset",
    sentiment=Sentiment.NEUTRAL,
    priority=Priority.MEDIUM,
    verdict=verdict(),
)


def gate_results(settings: Settings, keys: Keys) -> object:
    """What the gate says to one case of each kind that its keys speak of."""
    gate = Gate(settings.gate, settings.channels, TOPIC_ARTICLES)
    cases = [
        *(replace(CASE, priority=priority) for priority in Priority),
        *(replace(CASE, sentiment=sentiment) for sentiment in Sentiment),
        *(replace(CASE, topic=topic) for topic in (*settings.gate.never_topics, keys.get("before", ""))),
        *(replace(CASE, attempts=attempts) for attempts in range(6)),
        *(replace(CASE, article_success=share / 100) for share in range(60, 100)),
        replace(CASE, verdict=verdict(threshold=None)),
    ]
    return [gate.examine(case).open for case in cases]


def opens_on(settings: Settings, lists: dict[str, tuple[str, ...]], phrase: str) -> bool:
    """Whether the gate lets the phrase itself pass when these are the only ones."""
    policy = settings.gate.model_copy(update={"never_phrases": {"kind": lists}})
    words = split_words(phrase.replace("..", " ").replace("*", ""))
    return Gate(policy, settings.channels, TOPIC_ARTICLES).examine(replace(CASE, words=words)).open


def learnt(settings: Settings, keys: Keys) -> object:
    satisfaction = make_desk(settings=settings).satisfaction
    return [satisfaction.learn(None, success=False), satisfaction.learn(0.5, success=True)]


def escalations(settings: Settings, keys: Keys) -> object:
    """The reasons of every tier, sentiment, category and priority."""
    agent = make_desk(settings=settings).exceptions
    below = GateResult(False, 0.8, (Reason("below_threshold", "not sure enough"),))
    return [
        agent.assess(HandOver(tier, category, sentiment, priority, below))
        for tier in Tier
        for sentiment in Sentiment
        for category in Category
        for priority in Priority
    ]


def routes(settings: Settings, keys: Keys) -> object:
    """The route of every tier, category and sentiment, with and without a keyword."""
    router = Router(settings.routing)
    return [
        router.route(
            RoutingCase(tier, category, sentiment, Channel.EMAIL, "en", split_words(text), Priority.LOW)
        )
        for tier in Tier
        for category in Category
        for sentiment in Sentiment
        for text in ("hello", "refund")
    ]


def route_on_keyword(settings: Settings, keys: Keys) -> object:
    words = split_words(keys["before"].replace("..", " ").replace("*", ""))
    case = RoutingCase(
        Tier.GOLD, Category.RETURNS, Sentiment.NEUTRAL, Channel.EMAIL, keys["language"], words, Priority.LOW
    )
    return Router(settings.routing).route(case).rule_id


def clock(settings: Settings, keys: Keys) -> object:
    channel = Channel(keys.get("channel", "sms"))
    return plan_sla(settings.sla, channel, Priority(keys.get("priority", "low")), Tier.GOLD, NOW).clock


def clock_of_tier(settings: Settings, keys: Keys) -> object:
    return plan_sla(settings.sla, Channel.CHAT, Priority.LOW, Tier(keys["tier"]), NOW).clock


def at_risk(settings: Settings, keys: Keys) -> object:
    planned = plan_sla(settings.sla, Channel.CHAT, Priority.LOW, Tier.GOLD, NOW).clock
    ticket = replace(handle(settings, FakeModels(verdict=verdict(None))).ticket, sla=planned)
    states = []
    for hours in range(24):
        desk = make_desk(settings=settings, clock=_At(NOW + timedelta(hours=hours, minutes=30)))
        states.append(desk.check_sla(ticket).at_risk)
    return states


@dataclass
class _At:
    time: Any

    def now(self) -> Any:
        return self.time


def ratings(settings: Settings, keys: Keys) -> object:
    desk = make_desk(settings=settings)
    ticket = handle(settings).ticket
    rated = [desk.rate(ticket, rating)[0] for rating in range(11)]
    return [(one.satisfied, one.nps, one.article_outcome) for one in rated]


def money(settings: Settings, keys: Keys) -> object:
    desk = make_desk(settings=settings)
    answered, handed_over = (
        handle(settings).ticket,
        handle(settings, FakeModels(verdict=verdict(None))).ticket,
    )
    return [desk.measure(tickets) for tickets in ([answered], [handed_over], [answered, handed_over])]


def proposals(settings: Settings, keys: Keys) -> object:
    knowledge = FakeKnowledge()
    desk = make_desk(settings=settings, knowledge=knowledge)
    desk.handle([desk.accept(message())])
    return knowledge.limits


def plans(settings: Settings, keys: Keys) -> object:
    """What is built of a small and a large corpus, as configured and of each kind."""
    kinds = ("auto", *IndexKind)
    indexes = [settings.index, *(settings.index.model_copy(update={"kind": kind}) for kind in kinds)]
    return [choose_plan(index.options, chunks) for index in indexes for chunks in (20_000, 1_000_000)]


def decision_on_article(settings: Settings, keys: Keys) -> object:
    decision: Decision = handle(settings).decision
    return decision.gate.open


CHANNEL = r"(?P<channel>\w+)"
OBSERVED: dict[str, Look] = {
    r"intake\.read_characters": Look(more, length_read),
    r"intake\.max_characters": Look(more, longest("text", 100_001)),
    r"intake\.max_subject_characters": Look(more, longest("subject", 501)),
    rf"channels\.{CHANNEL}\.enabled": Look(lambda value: not value, taken_from),
    rf"channels\.{CHANNEL}\.auto_response": Look(lambda value: not value, reply_over),
    rf"channels\.{CHANNEL}\.max_characters": Look(lambda _: 142, reply_over),
    rf"channels\.{CHANNEL}\.web_link": Look(lambda _: "https://other.example", reply_over),
    r"replies\.\w+": Look(lambda value: f"x{value}", email_reply),
    r"priority\.(start|urgent)": Look(more, scores),
    r"priority\.(tier|sentiment|category)\.\w+": Look(more, scores),
    r"priority\.at_least\.critical": Look(more, scores),
    r"priority\.at_least\.high": Look(more, scores),
    r"priority\.at_least\.medium": Look(more, scores),
    r"gate\.never_priorities\[\d+\]": Look(other(Priority), gate_results),
    r"gate\.never_sentiments\[\d+\]": Look(other(Sentiment), gate_results),
    r"gate\.never_topics\[\d+\]": Look(lambda _: "password_reset", gate_results),
    r"gate\.never_articles": Look(lambda _: ["KB001"], decision_on_article),
    r"gate\.max_attempts": Look(more, gate_results),
    r"gate\.article_success\.least": Look(lambda value: value + 0.1, gate_results),
    r"gate\.article_success\.(start|weight)": Look(lambda value: value / 2, learnt),
    r"gate\.fallback_threshold": Look(lambda _: 0.8, gate_results),
    r"escalation\.priorities\[\d+\]": Look(other(Priority), escalations),
    r"escalation\.sentiments\[\d+\]": Look(lambda _: "positive", escalations),
    r"escalation\.vip_tiers\[\d+\]": Look(lambda _: "standard", escalations),
    r"escalation\.categories\[\d+\]": Look(lambda _: "shipping", escalations),
    r"routing\.queues\[\d+\]": Look(lambda _: "nowhere", lambda _, __: None),
    r"routing\.rules\[\d+\]\.id": Look(lambda value: f"{value}_X", routes),
    r"routing\.rules\[\d+\]\.when": Look(lambda _: {"tiers": ["gold"]}, routes),
    r"routing\.rules\[\d+\]\.when\.tiers\[\d+\]": Look(lambda _: "standard", routes),
    r"routing\.rules\[\d+\]\.when\.categories\[\d+\]": Look(lambda _: "shipping", routes),
    r"routing\.rules\[\d+\]\.when\.sentiments\[\d+\]": Look(lambda _: "positive", routes),
    r"routing\.rules\[\d+\]\.when\.keywords\.(?P<language>\w+)\[\d+\]": Look(
        lambda _: "qqqqq", route_on_keyword
    ),
    r"routing\.rules\[\d+\]\.queue": Look(
        lambda value: "vip_support" if value == "escalation_team" else "escalation_team", routes
    ),
    r"routing\.rules\[\d+\]\.(raise_priority|sla_hours|auto_approve_up_to_usd)": Look(more, routes),
    r"routing\.rules\[\d+\]\.(skills|notify)\[\d+\]": Look(lambda value: f"{value}x", routes),
    r"routing\.rules\[\d+\]\.(senior_agent|manager_review)": Look(lambda value: not value, routes),
    r"sla\.default\.\w+": Look(more, clock),
    rf"sla\.targets\.{CHANNEL}\.(?P<priority>\w+)\.\w+": Look(lambda value: value + 0.5, clock),
    r"sla\.tier_factor\.(?P<tier>\w+)": Look(more, clock_of_tier),
    r"sla\.at_risk_hours": Look(more, at_risk),
    r"satisfaction\.\w+": Look(lambda value: value + 1, ratings),
    r"costs\.(traditional|human|automated)_ticket": Look(more, money),
    r"costs\.target_ticket": Look(lambda value: value - 1, money),
    r"index\.candidates": Look(lambda _: 2, proposals),
    r"index\.kind": Look(lambda _: "hnsw", plans),
    r"index\.(bits|nlist)": Look(lambda _: 16, plans),
    r"index\.flat_up_to": Look(lambda value: value - 1, plans),
    r"index\.(rerank|nprobe|m|ef_construction|ef_search)": Look(more, plans),
}

MAY_BE_REFUSED = (r"routing\.queues\[\d+\]", r"routing\.rules\[\d+\]\.(queue|when)")
"""Keys whose change is refused because another key must agree with it."""

CONSUMERS: dict[str, tuple[Any, str, str]] = {
    # key: (another value, the module that reads it, how)
    "gate.guarantee.wrong_share": (0.1, "training/commands/train.py", r"guarantee\.wrong_share"),
    "gate.guarantee.confidence": (0.9, "training/commands/train.py", r"guarantee\.confidence"),
    "models.encoder": ("other/encoder", "training/commands/train.py", r"settings\.models\.encoder"),
    "models.bundles": ("other", "serving/bootstrap.py", r"settings\.models\.bundles"),
    "models.heads": ("fine_tuned", "training/commands/heads.py", r"settings\.models\.heads"),
    **{
        f"models.fine_tuning.{key}": (value, "training/commands/heads.py", rf"{key}=fine_tuning\.{key}")
        for key, value in {
            "base": "other/base",
            "epochs": 1,
            "batch_size": 1,
            "gradient_accumulation": 4,
            "learning_rate": 0.1,
            "max_length": 64,
            "precision": "bf16",
            "patience": 3,
            "class_weights": False,
            "processes": 4,
            "resume": False,
        }.items()
    },
    "models.tracking_uri": (
        "http://mlflow.example:5000",
        "training/commands/options.py",
        r"settings\.models\.tracking_uri",
    ),
    "index.root": ("other", "serving/bootstrap.py", r"settings\.index\.root"),
    "database.url": ("sqlite:///other.db", "serving/bootstrap.py", r"settings\.database\.url"),
    "service.host": ("0.0.0.0", "serving/server.py", r"service\.host"),
    "service.port": (1, "serving/server.py", r"service\.port"),
    "service.workers": (3, "serving/server.py", r"service\.workers"),
    "service.max_concurrent_tickets": (
        3,
        "serving/bootstrap.py",
        r"settings\.service\.max_concurrent_tickets",
    ),
    "service.max_body_bytes": (3, "serving/bootstrap.py", r"settings\.service\.max_body_bytes"),
    "service.batch.max_tickets": (3, "serving/bootstrap.py", r"batch\.max_tickets"),
    "service.batch.wait_ms": (3, "serving/bootstrap.py", r"batch\.wait_ms"),
    "logging.level": ("DEBUG", "serving/worker.py", r"settings\.logging\.level"),
}

ALSO_READ: dict[str, tuple[str, str]] = {
    # key that the desk observes: (another module that reads it, how)
    "index.candidates": ("training/commands/train.py", r"settings\.index\.candidates"),
}


def shipped_values() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(SHIPPED_FILE.read_text("utf-8"))
    return values


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the path and value of every leaf; an empty list or mapping is one."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for i, item in enumerate(value):
            yield from leaves(item, f"{path}[{i}]")
    else:
        yield path, value


def with_value(values: dict[str, Any], path: str, value: Any) -> tuple[Settings | None, list[Problem]]:
    changed: Any = copy.deepcopy(values)
    *parents, last = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
    place = changed
    for part in parents:
        place = place[part]
    place[last] = value
    return parse_settings(changed, {})


VALUES = shipped_values()
LEAVES = dict(leaves(VALUES))
PHRASES = "gate.never_phrases."
KEYS_OF_THE_DESK = [path for path in LEAVES if path not in CONSUMERS and not path.startswith(PHRASES)]


@cache
def shipped() -> Settings:
    settings, problems = parse_settings(VALUES, {})
    assert settings is not None, problems
    return settings


def test_every_pattern_and_consumer_belongs_to_a_key() -> None:
    assert [key for key in CONSUMERS if key not in LEAVES] == []
    assert [p for p in OBSERVED if not any(re.fullmatch(p, path) for path in LEAVES)] == []


@pytest.mark.parametrize("path", KEYS_OF_THE_DESK)
def test_changing_a_key_changes_what_comes_out(path: str) -> None:
    pattern, look = next(((p, look) for p, look in OBSERVED.items() if re.fullmatch(p, path)), (None, None))
    assert look is not None, f"nothing observes {path}: add it to OBSERVED or CONSUMERS, or remove the key"
    assert pattern is not None
    match = re.fullmatch(pattern, path)
    assert match is not None
    before = shipped()
    after, problems = with_value(VALUES, path, look.change(before_value(before, path)))
    keys = {**match.groupdict(), "before": str(LEAVES[path])}
    if after is None:
        assert any(re.fullmatch(p, path) for p in MAY_BE_REFUSED), problems
    else:
        assert look.at(after, keys) != look.at(before, keys)


@pytest.mark.parametrize("kind", VALUES["gate"]["never_phrases"])
def test_every_never_phrase_stops_an_answer_that_no_other_of_its_kind_stops(kind: str) -> None:
    lists = {str(language): found for language, found in shipped().gate.never_phrases[kind].items()}
    for language, phrases in lists.items():
        for phrase in phrases:
            rest = {**lists, language: tuple(p for p in phrases if p != phrase)}
            assert not opens_on(shipped(), lists, phrase), f"{kind}.{language}: {phrase!r} is not found"
            assert opens_on(shipped(), rest, phrase), f"{kind}.{language}: {phrase!r} is covered by others"


def before_value(settings: Settings, path: str) -> Any:
    """The value of a key after variables are replaced."""
    here: Any = settings.model_dump(mode="json")
    for part in re.findall(r"[^.\[\]]+", path):
        here = here[int(part)] if part.isdigit() else here[part]
    return here


@pytest.mark.parametrize("path", CONSUMERS)
def test_key_of_the_platform_is_read_where_the_table_says(path: str) -> None:
    value, module, how = CONSUMERS[path]
    before = shipped()
    after, problems = with_value(VALUES, path, value)
    assert after is not None, problems
    assert before_value(after, path) != before_value(before, path)
    assert_read(path, module, how)


@pytest.mark.parametrize("path", ALSO_READ)
def test_key_of_the_desk_is_read_elsewhere_where_the_table_says(path: str) -> None:
    assert path in KEYS_OF_THE_DESK
    assert_read(path, *ALSO_READ[path])


def assert_read(path: str, module: str, how: str) -> None:
    source = Path(ROOT / module)
    assert source.is_file(), f"{module} is to read {path}; name the module that does"
    assert re.search(how, source.read_text("utf-8")), f"{module} does not read {path}"

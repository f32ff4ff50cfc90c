from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema import Channel, Sentiment
from serving.domain.decision import GateResult, ReasonCode
from serving.domain.phrases import split_words
from serving.domain.ticket import Priority, Status
from serving.orchestrator.gate import Gate, GateCase
from serving.settings.policy import GateSettings
from tests.unit.serving.orchestrator.fakes import TOPIC_ARTICLES, shipped_settings, verdict

SETTINGS = shipped_settings()
CASE = GateCase(
    channel=Channel.EMAIL,
    language="es",
    words=split_words("No puedo entrar, olvidé la contraseña"),
    topic="password_reset",
    sentiment=Sentiment.NEUTRAL,
    priority=Priority.HIGH,
    verdict=verdict(),
)


def examine(case: GateCase, **policy: Any) -> GateResult:
    gate: GateSettings = SETTINGS.gate.model_copy(update=policy)
    return Gate(gate, SETTINGS.channels, TOPIC_ARTICLES).examine(case)


def codes(case: GateCase, **policy: Any) -> list[str]:
    result = examine(case, **policy)
    assert result.open is (result.reasons[0].code == ReasonCode.SURE_ENOUGH)
    return [reason.code for reason in result.reasons]


def test_nothing_against_it_opens_and_says_how_sure() -> None:
    result = examine(CASE)
    assert result.open
    assert result.threshold == 0.8
    assert result.reasons[0].code == ReasonCode.SURE_ENOUGH
    assert "KB001" in result.reasons[0].sentence
    assert "0.97" in result.reasons[0].sentence


AGAINST: list[tuple[str, dict[str, Any], ReasonCode]] = [
    ("critical", {"priority": Priority.CRITICAL}, ReasonCode.CRITICAL_PRIORITY),
    ("furious", {"sentiment": Sentiment.VERY_NEGATIVE}, ReasonCode.VERY_NEGATIVE_SENTIMENT),
    ("escalated", {"prior_status": Status.ESCALATED}, ReasonCode.ALREADY_ESCALATED),
    ("assigned", {"prior_status": Status.ASSIGNED}, ReasonCode.ALREADY_ESCALATED),
    ("in progress", {"prior_status": Status.IN_PROGRESS}, ReasonCode.ALREADY_ESCALATED),
    ("hacked", {"words": split_words("me han hackeado")}, ReasonCode.NEVER_PHRASE),
    ("topic without article", {"topic": "account_compromised"}, ReasonCode.HUMAN_TOPIC),
    ("configured topic", {"topic": "human_agent"}, ReasonCode.HUMAN_TOPIC),
    ("other language", {"language": "und"}, ReasonCode.UNDETERMINED_LANGUAGE),
    ("phone", {"channel": Channel.PHONE}, ReasonCode.CHANNEL_WITHOUT_ANSWERS),
    ("third attempt done", {"attempts": 3}, ReasonCode.ATTEMPTS_USED_UP),
    ("nothing found", {"verdict": verdict(None)}, ReasonCode.NO_ARTICLE),
    ("gone from the index", {"article_exists": False}, ReasonCode.NO_ARTICLE),
    ("article that fails", {"article_success": 0.74}, ReasonCode.ARTICLE_UNSUCCESSFUL),
    ("no threshold", {"verdict": verdict(threshold=None)}, ReasonCode.THRESHOLD_NEVER),
    ("not sure", {"verdict": verdict(probability=0.79)}, ReasonCode.BELOW_THRESHOLD),
    ("not a number", {"verdict": verdict(probability=float("nan"))}, ReasonCode.BELOW_THRESHOLD),
]


@pytest.mark.parametrize(("fields", "code"), [row[1:] for row in AGAINST], ids=[row[0] for row in AGAINST])
def test_each_rule_closes_with_its_reason(fields: dict[str, Any], code: ReasonCode) -> None:
    result = examine(replace(CASE, **fields))
    assert not result.open
    assert [reason.code for reason in result.reasons] == [code]
    assert len(result.reasons[0].sentence.split()) > 3


@pytest.mark.parametrize(
    "fields",
    [
        {"sentiment": Sentiment.NEGATIVE},
        {"prior_status": Status.RESOLVED, "attempts": 2},
        {"prior_status": Status.PENDING_CUSTOMER},
        {"article_success": 0.75},
        {"verdict": verdict(probability=0.8)},
    ],
)
def test_just_allowed_cases_open(fields: dict[str, Any]) -> None:
    assert codes(replace(CASE, **fields)) == [ReasonCode.SURE_ENOUGH]


def test_everything_against_it_is_recorded() -> None:
    worst = replace(
        CASE,
        priority=Priority.CRITICAL,
        sentiment=Sentiment.VERY_NEGATIVE,
        topic="account_compromised",
        verdict=verdict(probability=0.1),
    )
    assert codes(worst) == [
        ReasonCode.CRITICAL_PRIORITY,
        ReasonCode.VERY_NEGATIVE_SENTIMENT,
        ReasonCode.HUMAN_TOPIC,
        ReasonCode.BELOW_THRESHOLD,
    ]


def test_fallback_threshold_stands_in_for_never_only() -> None:
    never = replace(CASE, verdict=verdict(probability=0.85, threshold=None))
    assert examine(never, fallback_threshold=0.8).threshold == 0.8
    assert codes(never, fallback_threshold=0.9) == [ReasonCode.BELOW_THRESHOLD]
    assert codes(replace(CASE, verdict=verdict(probability=0.75, threshold=0.7)), fallback_threshold=0.9) == [
        ReasonCode.SURE_ENOUGH
    ]


def test_never_article_closes() -> None:
    assert codes(CASE, never_articles=("KB001",)) == [ReasonCode.NEVER_ARTICLE]


def test_article_without_outcome_counts_as_the_start() -> None:
    low_start = SETTINGS.gate.article_success.model_copy(update={"start": 0.5})
    assert codes(CASE, article_success=low_start) == [ReasonCode.ARTICLE_UNSUCCESSFUL]


def test_hacked_account_is_never_answered_however_sure_the_models_are() -> None:
    text = "My account was hacked and I cannot reset my password; money is missing"
    sure = replace(CASE, words=split_words(text), verdict=verdict(probability=1.0, threshold=0.0))
    result = examine(sure)
    assert not result.open
    assert "account compromised" in result.reasons[0].sentence


@given(st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1)))
def test_open_iff_probability_reaches_a_threshold(probability: float, threshold: float | None) -> None:
    case = replace(CASE, verdict=verdict(probability=probability, threshold=threshold))
    assert examine(case, never_phrases={}).open is (threshold is not None and probability >= threshold)


@given(
    st.sampled_from([fields for _, fields, _ in AGAINST]),
    st.sampled_from([fields for _, fields, _ in AGAINST]),
)
def test_two_reasons_against_never_cancel_each_other(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert not examine(replace(CASE, **{**one, **two})).open

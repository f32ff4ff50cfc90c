"""The shipped tickets have closed labels, enough of each, in every split and language."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from data.schema import Category, Channel, LabelledTicket, Language, Sentiment, Split
from data.taxonomy import Taxonomy
from data.tickets import TICKETS_DIR

LEAST = {Split.TRAIN: 10, Split.CALIBRATION: 3, Split.TEST: 3}
LEAST_OUT_OF_SCOPE = 100
TOPICS = 61


def test_tickets_topic_category_and_article_agree_with_the_taxonomy(
    tickets: list[LabelledTicket], taxonomy: Taxonomy
) -> None:
    assert len(taxonomy.topics) == TOPICS
    wrong = [
        ticket.id
        for ticket in tickets
        if (topic := taxonomy.by_name.get(ticket.topic)) is None
        or (ticket.category, ticket.article_id) != (topic.category, topic.article_id)
    ]
    assert not wrong


def test_tickets_ids_are_unique(tickets: list[LabelledTicket]) -> None:
    assert not [key for key, count in Counter(ticket.id for ticket in tickets).items() if count > 1]


def test_tickets_files_hold_one_language_and_split_each(tickets: list[LabelledTicket]) -> None:
    names = {f"{ticket.language}.{ticket.split}.jsonl" for ticket in tickets}
    assert {path.name for path in TICKETS_DIR.iterdir()} == names
    assert len(names) == len(Language) * len(Split)


def test_tickets_messages_say_something(tickets: list[LabelledTicket]) -> None:
    assert not [ticket.id for ticket in tickets if not ticket.message.strip()]


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("language", Language)
def test_tickets_every_topic_occurs_often_enough(
    tickets: list[LabelledTicket], taxonomy: Taxonomy, language: Language, split: Split
) -> None:
    counts = Counter(t.topic for t in tickets if t.language == language and t.split is split)
    few = {topic: counts[topic] for topic in taxonomy.by_name if counts[topic] < LEAST[split]}
    assert not few


@pytest.mark.parametrize("language", Language)
def test_tickets_out_of_scope_occurs_often_enough(tickets: list[LabelledTicket], language: Language) -> None:
    count = sum(ticket.topic == "out_of_scope" and ticket.language == language for ticket in tickets)
    assert count >= LEAST_OUT_OF_SCOPE


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("language", Language)
def test_tickets_of_a_language_have_every_channel_sentiment_and_urgency(
    tickets: list[LabelledTicket], language: Language, split: Split
) -> None:
    own = [ticket for ticket in tickets if ticket.language == language and ticket.split is split]
    assert {ticket.sentiment for ticket in own} == set(Sentiment)
    assert {ticket.channel for ticket in own} == set(Channel)
    assert {ticket.urgent for ticket in own} == {True, False}


@pytest.mark.parametrize("language", Language)
def test_tickets_of_a_category_have_every_sentiment_and_urgency(
    tickets: list[LabelledTicket], language: Language
) -> None:
    sentiments: dict[str, set[Sentiment]] = defaultdict(set)
    urgencies: dict[str, set[bool]] = defaultdict(set)
    for ticket in tickets:
        if ticket.language == language:
            sentiments[ticket.category].add(ticket.sentiment)
            urgencies[ticket.category].add(ticket.urgent)
    assert not {c: set(Sentiment) - sentiments[c] for c in Category if sentiments[c] != set(Sentiment)}
    assert not {c for c in Category if urgencies[c] != {True, False}}


def test_tickets_splits_never_share_an_author_pattern(tickets: list[LabelledTicket]) -> None:
    splits: dict[str, set[Split]] = defaultdict(set)
    for ticket in tickets:
        splits[ticket.pattern].add(ticket.split)
    assert not [pattern for pattern, found in splits.items() if len(found) > 1]


def test_tickets_authored_ones_are_their_own_pattern(tickets: list[LabelledTicket]) -> None:
    assert {ticket.source for ticket in tickets} == {"authored"}
    assert not [ticket.id for ticket in tickets if ticket.pattern != ticket.id]

from __future__ import annotations

import numpy as np
import pytest

from evaluation.distinctive_words import words_of
from evaluation.gaps import Advice, GapTicket, Inbox, cluster_gaps, collect_gaps, measure_purity
from evaluation.offline import handle_tickets
from evaluation.ticket_file import FileTicket
from models.encoder import Encoder, open_encoder
from tests.unit.evaluation.invented import ROWS
from tests.unit.serving.orchestrator.fakes import FakeModels, make_desk, reading, verdict


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder()


def file_ticket(text: str, language: str = "ja", topic: str | None = None) -> FileTicket:
    return FileTicket("1", "tickets.jsonl:1", "", text, language, None, None, topic)


@pytest.fixture(scope="module")
def inbox(encoder: Encoder) -> Inbox:
    """Tickets about three matters in three languages that no article speaks of."""
    found = Inbox()
    embeddings = encoder.encode([text for _, _, text in ROWS])
    for (matter, language, text), embedding in zip(ROWS, embeddings, strict=True):
        words = words_of(text, language)
        found.tickets += 1
        found.background.add(language, embedding)
        found.words[language].update(words)
        probability = 0.8 if matter == "recycling" else 0.1
        found.gaps.append(
            GapTicket(file_ticket(text, language, matter), language, words, "KB016", probability)
        )
        found.embeddings.append(embedding)
    return found


def test_cluster_gaps_same_matter_in_german_japanese_and_chinese_is_one_group(
    inbox: Inbox, encoder: Encoder
) -> None:
    clusters, labels = cluster_gaps(inbox, encoder.encode)
    quality = measure_purity(inbox, labels, {})["topics without an article"]
    assert quality["purity"] >= 0.9
    assert quality["grouped"] >= 0.8
    for matter in ("gift_card", "recycling", "loyalty_points"):
        own = [len([g for g in c.tickets if g.ticket.topic == matter]) for c in clusters]
        largest = clusters[int(np.argmax(own))]
        assert set(largest.languages) == {"de", "ja", "zh"}


def test_cluster_gaps_words_and_examples_say_what_it_is_about(inbox: Inbox, encoder: Encoder) -> None:
    clusters, _ = cluster_gaps(inbox, encoder.encode)
    gift = max(clusters, key=lambda c: sum(g.ticket.topic == "gift_card" for g in c.tickets))
    assert "geschenkkarte" in gift.words["de"]
    assert "ギフトカード" in gift.words["ja"]
    assert len({gap.language for gap in gift.examples[:3]}) == 3
    recycling = max(clusters, key=lambda c: sum(g.ticket.topic == "recycling" for g in c.tickets))
    assert (gift.advice, recycling.advice) == (Advice.WRITE, Advice.IMPROVE)
    assert (gift.article_id, gift.article_share) == ("KB016", 1.0)


def test_cluster_gaps_same_inbox_same_groups(inbox: Inbox, encoder: Encoder) -> None:
    one, other = (cluster_gaps(inbox, encoder.encode)[1] for _ in range(2))
    assert np.array_equal(one, other)


def test_cluster_gaps_nothing_missing_makes_no_group(encoder: Encoder) -> None:
    clusters, labels = cluster_gaps(Inbox(), encoder.encode)
    assert (clusters, len(labels), measure_purity(Inbox(), labels, {})) == ([], 0, {})


def test_measure_purity_one_ticket_without_a_label_gives_none(inbox: Inbox) -> None:
    bare = Inbox(gaps=[*inbox.gaps[:9], GapTicket(file_ticket("礼品卡"), "zh", frozenset(), None, 0.1)])
    assert measure_purity(bare, np.zeros(10, dtype=np.int64), {}) == {}


def collect(
    models: FakeModels, never_topics: frozenset[str] = frozenset(), text: str = "ポイントは？"
) -> Inbox:
    return collect_gaps(handle_tickets(make_desk(models), [file_ticket(text)] * 2), never_topics)


def test_collect_gaps_unsure_ticket_is_one_and_an_answered_one_is_not() -> None:
    unsure = collect(FakeModels(verdict=verdict(probability=0.3)))
    assert (unsure.tickets, unsure.answered, unsure.kept_back, len(unsure.gaps)) == (2, 0, 0, 2)
    # without a channel a ticket counts as e-mail, which is answered
    sure = collect(FakeModels())
    assert (sure.answered, len(sure.gaps)) == (2, 0)


def test_collect_gaps_topic_without_an_article_is_one_unless_policy_keeps_it() -> None:
    models = FakeModels(reading(topic="account_compromised"), verdict(probability=0.3))
    assert len(collect(models).gaps) == 2
    kept = collect(models, frozenset({"account_compromised"}))
    assert (len(kept.gaps), kept.kept_back) == (0, 2)


@pytest.mark.parametrize(
    "models",
    [
        FakeModels(reading(sentiment="very_negative"), verdict(probability=0.3)),
        FakeModels(reading(language="und"), verdict(probability=0.3)),
    ],
)
def test_collect_gaps_ticket_kept_for_people_by_rule_is_none(models: FakeModels) -> None:
    found = collect(models)
    assert (found.kept_back, len(found.gaps)) == (2, 0)

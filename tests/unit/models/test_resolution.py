from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from data.schema import Language
from models.resolution import (
    CANDIDATE_FEATURES,
    FLOOR,
    TICKET_FEATURES,
    ResolutionScorer,
    TopicArticles,
    Verdict,
    candidate_features,
)
from tests.unit.models.tiny import TOPIC_ARTICLES, TinyCandidate, tiny_candidate, tiny_reading, tiny_scorer

ARTICLES = TopicArticles(TOPIC_ARTICLES)


def only(name: str, names: tuple[str, ...]) -> np.ndarray:
    return np.array([float(other == name) for other in names])


def scorer(candidate: str = "dense", ticket: str = "topic", **changes: object) -> ResolutionScorer:
    """A scorer that looks at one candidate feature and one ticket feature."""
    plain = ResolutionScorer(
        ARTICLES,
        only(candidate, CANDIDATE_FEATURES),
        only(ticket, TICKET_FEATURES),
        0.0,
        np.zeros(len(TICKET_FEATURES)),
        np.ones(len(TICKET_FEATURES)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def described(*candidates: TinyCandidate, length: int = 99, **reading: object) -> dict[str, float]:
    _, row = scorer().describe(tiny_reading(**reading), candidates, length)  # type: ignore[arg-type]
    return dict(zip(TICKET_FEATURES, row, strict=True))


def test_probabilities_topics_of_one_article_add_up_and_the_rest_has_none() -> None:
    articles = TopicArticles({"order_tracking": "KB003", "password_reset": "KB003", "human_agent": None})
    found, without = articles.probabilities(tiny_reading())
    assert found == {"KB003": pytest.approx(0.9)}
    assert without == pytest.approx(0.1)


def test_probabilities_unknown_topic_counts_as_without_an_article() -> None:
    assert TopicArticles({}).probabilities(tiny_reading()) == ({}, pytest.approx(1.0))


def test_candidate_features_known_candidates_give_their_values() -> None:
    rows = candidate_features(
        {"KB003": 0.7}, [tiny_candidate(), tiny_candidate("KB999", 0.2, 0.5, preferred=False)]
    )
    assert rows.shape == (2, len(CANDIDATE_FEATURES))
    np.testing.assert_allclose(rows[0], [0.6, 1.0, 1.0, math.log(0.7 + FLOOR), 0.7, 0.0])
    np.testing.assert_allclose(rows[1], [0.2, 0.5, 0.0, math.log(FLOOR), 0.0, 0.2])


def test_describe_with_candidates_gives_the_features_of_the_best() -> None:
    values = described(tiny_candidate("KB001", dense=0.4), tiny_candidate())
    assert values["topic"] == pytest.approx(0.7)
    assert values["logit_topic"] == pytest.approx(math.log(0.7 / 0.3))
    assert (values["margin"], values["score"]) == (pytest.approx(0.2), pytest.approx(0.6))
    assert (values["dense"], values["dense_gap"]) == (0.6, pytest.approx(0.2))
    assert values["no_article"] == pytest.approx(0.1)
    assert (values["category_agreement"], values["same_language"], values["no_candidate"]) == (1.0, 1.0, 0.0)
    assert values["length"] == pytest.approx(math.log(100))
    assert {code: values[f"language_{code}"] for code in Language} == {
        code: float(code == "ja") for code in Language
    }


def test_describe_without_candidates_gives_the_same_names() -> None:
    best, row = scorer().describe(tiny_reading(), [], 10)
    values = dict(zip(TICKET_FEATURES, row, strict=True))
    assert best is None
    assert (values["no_candidate"], values["out_of_scope"], values["language_ja"]) == (1.0, 0.25, 1.0)
    assert values["no_article"] == pytest.approx(0.1)
    assert {values[name] for name in ("topic", "margin", "score", "dense", "lexical", "same_language")} == {
        0.0
    }


def test_describe_undetermined_language_is_none_of_the_six() -> None:
    values = described(tiny_candidate(), language="und")
    assert sum(values[f"language_{code}"] for code in Language) == 0


def test_describe_certain_topic_and_empty_text_stay_finite() -> None:
    values = described(tiny_candidate(), length=0, topics={"order_tracking": 1.0, "human_agent": 0.0})
    assert np.isfinite(list(values.values())).all()


def test_describe_best_score_wins_and_ties_keep_their_order() -> None:
    best, _ = scorer().describe(
        tiny_reading(), [tiny_candidate("KB001", 0.3), tiny_candidate("KB003", 0.9)], 9
    )
    assert best is not None
    assert best.article_id == "KB003"
    first, _ = scorer().describe(
        tiny_reading(), [tiny_candidate("KB002", 0.3), tiny_candidate("KB001", 0.3)], 9
    )
    assert first is not None
    assert first.article_id == "KB002"


def test_describe_likelier_topic_outweighs_a_nearer_text() -> None:
    best, _ = scorer("log_topic").describe(
        tiny_reading(), [tiny_candidate("KB001", 0.99), tiny_candidate("KB003", 0.1)], 9
    )
    assert best is not None
    assert best.article_id == "KB003"


def test_suggest_likeliest_topics_come_first_and_those_without_an_article_never() -> None:
    assert scorer().suggest(tiny_reading()) == ["KB003", "KB001"]
    assert scorer().suggest(tiny_reading(), limit=1) == ["KB003"]
    assert scorer().suggest(tiny_reading({"human_agent": 1.0})) == []


def test_score_known_weights_gives_the_logistic_of_the_feature() -> None:
    (best, probability), *_ = scorer(ticket_bias=0.2).score([tiny_reading()], [[tiny_candidate()]], [10])
    assert best == tiny_candidate()
    assert probability == pytest.approx(1 / (1 + math.exp(-(0.7 + 0.2))))


def test_score_standardisation_is_applied() -> None:
    mean, scale = np.full(len(TICKET_FEATURES), 0.5), np.full(len(TICKET_FEATURES), 2.0)
    changed = scorer(mean=mean, scale=scale)
    ((_, probability),) = changed.score([tiny_reading()], [[tiny_candidate()]], [10])
    assert probability == pytest.approx(1 / (1 + math.exp(-(0.7 - 0.5) / 2)))


def test_score_ticket_without_candidates_has_no_article_and_no_chance() -> None:
    result = scorer().score([tiny_reading(), tiny_reading()], [[], [tiny_candidate()]], [3, 3])
    assert result[0] == (None, 0.0)
    assert result[1][0] == tiny_candidate()
    assert scorer().score([], [], []) == []


def test_score_batch_equals_single_tickets() -> None:
    random = tiny_scorer(np.random.default_rng(5))
    readings = [
        tiny_reading(),
        tiny_reading({"password_reset": 0.9, "human_agent": 0.1}, "zh"),
        tiny_reading(),
    ]
    found = [[tiny_candidate(), tiny_candidate("KB001", 0.5)], [tiny_candidate("KB001")], []]
    lengths = [10, 200, 5]
    together = random.score(readings, found, lengths)
    for row, (candidate, probability) in enumerate(together):
        ((single, alone),) = random.score([readings[row]], [found[row]], [lengths[row]])
        assert candidate == single
        assert probability == pytest.approx(alone)
        assert 0 <= probability <= 1


@pytest.mark.parametrize(
    ("probability", "threshold", "reaches"),
    [(0.9, 0.9, True), (0.89, 0.9, False), (1.0, None, False)],
)
def test_reaches_threshold_never_is_never_reached(
    probability: float, threshold: float | None, reaches: bool
) -> None:
    assert Verdict("KB001", "de", probability, threshold).reaches_threshold is reaches

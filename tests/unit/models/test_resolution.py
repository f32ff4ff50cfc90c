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
    ticket_features,
)
from tests.unit.models.tiny import TOPIC_ARTICLES, tiny_candidate, tiny_reading, tiny_scorer

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


def test_probabilities_topics_of_one_article_add_up_and_the_rest_has_none() -> None:
    articles = TopicArticles({"order_tracking": "KB003", "password_reset": "KB003", "human_agent": None})
    found, without = articles.probabilities(tiny_reading())
    assert found == {"KB003": pytest.approx(0.9)}
    assert without == pytest.approx(0.1)


def test_probabilities_unknown_topic_counts_as_without_an_article() -> None:
    assert TopicArticles({}).probabilities(tiny_reading()) == ({}, pytest.approx(1.0))


def test_candidate_features_known_candidates_give_their_values() -> None:
    rows = candidate_features(
        tiny_reading(), [tiny_candidate(), tiny_candidate("KB999", 0.2, 0.5, same_language=False)], ARTICLES
    )
    assert rows.shape == (2, len(CANDIDATE_FEATURES))
    np.testing.assert_allclose(rows[0], [0.6, 1.0, 1.0, math.log(0.7 + FLOOR), 0.7, 0.0])
    np.testing.assert_allclose(rows[1], [0.2, 0.5, 0.0, math.log(FLOOR), 0.0, 0.2])


def test_ticket_features_with_candidates_give_their_values() -> None:
    ordered = [(2.0, tiny_candidate()), (0.5, tiny_candidate("KB001", dense=0.4))]
    values = dict(zip(TICKET_FEATURES, ticket_features(tiny_reading(), ordered, 99, ARTICLES), strict=True))
    assert len(values) == len(TICKET_FEATURES)
    assert values["topic"] == pytest.approx(0.7)
    assert values["logit_topic"] == pytest.approx(math.log(0.7 / 0.3))
    assert (values["margin"], values["score"]) == (1.5, 2.0)
    assert (values["dense"], values["dense_gap"]) == (0.6, pytest.approx(0.2))
    assert values["no_article"] == pytest.approx(0.1)
    assert values["category_agreement"] == 1.0
    assert values["length"] == pytest.approx(math.log(100))
    assert values["no_candidate"] == 0.0
    assert {name: values[f"language_{name}"] for name in Language} == {name: float(name == "ja") for name in Language}


def test_ticket_features_without_candidates_have_the_same_names() -> None:
    values = dict(zip(TICKET_FEATURES, ticket_features(tiny_reading(), [], 10, ARTICLES), strict=True))
    assert values["no_candidate"] == 1.0
    assert values["no_article"] == pytest.approx(0.1)
    assert values["out_of_scope"] == 0.25
    assert values["language_ja"] == 1.0
    assert {values[name] for name in ("topic", "margin", "score", "dense", "lexical", "same_language")} == {0.0}


def test_ticket_features_undetermined_language_is_none_of_the_six() -> None:
    row = ticket_features(tiny_reading(language="und"), [(1.0, tiny_candidate())], 10, ARTICLES)
    assert sum(row[-len(Language) :]) == 0


def test_ticket_features_certain_topic_stays_finite() -> None:
    row = ticket_features(tiny_reading({"order_tracking": 1.0}), [(1.0, tiny_candidate())], 0, ARTICLES)
    assert np.isfinite(row).all()


def test_order_candidates_best_score_comes_first_and_ties_keep_their_order() -> None:
    found = [tiny_candidate("KB001", 0.3), tiny_candidate("KB003", 0.9), tiny_candidate("KB002", 0.3)]
    ordered = scorer().order(tiny_reading(), found)
    assert [candidate.article_id for _, candidate in ordered] == ["KB003", "KB001", "KB002"]
    assert [score for score, _ in ordered] == pytest.approx([0.9, 0.3, 0.3])
    assert scorer().order(tiny_reading(), []) == []


def test_score_known_weights_gives_the_logistic_of_the_feature() -> None:
    (best, probability), *_ = scorer(ticket_bias=0.2).score([tiny_reading()], [[tiny_candidate()]], [10])
    assert best == tiny_candidate()
    assert probability == pytest.approx(1 / (1 + math.exp(-(0.7 + 0.2))))


def test_score_standardisation_and_calibration_are_applied() -> None:
    mean, scale = np.full(len(TICKET_FEATURES), 0.5), np.full(len(TICKET_FEATURES), 2.0)
    changed = scorer(mean=mean, scale=scale, calibration=(3.0, -1.0))
    ((_, probability),) = changed.score([tiny_reading()], [[tiny_candidate()]], [10])
    assert probability == pytest.approx(1 / (1 + math.exp(-(3 * (0.7 - 0.5) / 2 - 1))))


def test_score_ticket_without_candidates_has_no_article_and_no_chance() -> None:
    result = scorer().score([tiny_reading(), tiny_reading()], [[], [tiny_candidate()]], [3, 3])
    assert result[0] == (None, 0.0)
    assert result[1][0] == tiny_candidate()
    assert scorer().score([], [], []) == []


def test_score_batch_equals_single_tickets() -> None:
    random = tiny_scorer(np.random.default_rng(5))
    readings = [tiny_reading(), tiny_reading({"password_reset": 0.9, "human_agent": 0.1}, "zh"), tiny_reading()]
    found = [[tiny_candidate(), tiny_candidate("KB001", 0.5)], [tiny_candidate("KB001")], []]
    together = random.score(readings, found, [10, 200, 5])
    singles = [
        random.score([r], [f], [n])[0] for r, f, n in zip(readings, found, [10, 200, 5], strict=True)
    ]
    for (candidate, probability), (single, alone) in zip(together, singles, strict=True):
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

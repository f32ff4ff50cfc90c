from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.schema import Split
from models.resolution import ResolutionScorer, TopicArticles
from models.thresholds import Bound
from tests.unit.models.tiny import TinyCandidate, tiny_reading
from tests.unit.training.toy import ARTICLES, toy_reader, toy_tickets
from training.dataset import make_rows
from training.errors import TrainingError
from training.resolution import (
    Judged,
    ResolutionConfig,
    Searched,
    fit_scorer,
    fit_thresholds,
    judge,
)

TOPIC_ARTICLES = TopicArticles(ARTICLES)
CONFIG = ResolutionConfig()


def cases(split: Split, seed: int) -> Searched:
    """Readings that are right nine times in ten, and a search that finds both articles with noisy scores."""
    random = np.random.default_rng(seed)
    rows = make_rows([ticket for ticket in toy_tickets() if ticket.split is split], toy_reader())
    readings, candidates = [], []
    for ticket in rows.tickets:
        said = ticket.topic if random.random() < 0.9 else str(random.choice(list(ARTICLES)))
        topics = {topic: 0.9 if topic == said else 0.05 for topic in ARTICLES}
        readings.append(tiny_reading(topics, ticket.language))
        candidates.append(
            [
                TinyCandidate(
                    article, ticket.language, category, 0.5 + random.normal(0, 0.2), random.random(), True
                )
                for article, category in (("KB901", "shipping"), ("KB902", "account"))
            ]
        )
    return Searched(rows.tickets, readings, candidates)


@pytest.fixture(scope="module")
def training() -> Searched:
    return cases(Split.TRAIN, 0)


@pytest.fixture(scope="module")
def tuning() -> Searched:
    return cases(Split.CALIBRATION, 5)


@pytest.fixture(scope="module")
def scorer(training: Searched, tuning: Searched) -> ResolutionScorer:
    return fit_scorer(training, tuning, TOPIC_ARTICLES, CONFIG)


def test_fit_scorer_topic_decides_where_the_search_is_noise(scorer: ResolutionScorer) -> None:
    unseen = cases(Split.CALIBRATION, 1)
    judged = judge(scorer, unseen)
    resolvable = np.array([ticket.article_id is not None for ticket in unseen.tickets])
    assert judged.right[resolvable].mean() > 0.85
    nearest = [max(found, key=lambda candidate: candidate.dense).article_id for found in unseen.candidates]
    assert judged.article_ids != nearest


def test_judge_right_answers_are_likelier_than_wrong_ones(scorer: ResolutionScorer) -> None:
    unseen = cases(Split.CALIBRATION, 1)
    judged = judge(scorer, unseen)
    assert judged.probabilities[judged.right].mean() > judged.probabilities[~judged.right].mean() + 0.3
    assert judged.categories == [reading.category.value for reading in unseen.readings]
    assert judged.answers.categories.tolist() == judged.categories
    for row, ticket in enumerate(unseen.tickets):
        assert judged.right[row] == (
            ticket.article_id is not None and judged.article_ids[row] == ticket.article_id
        )


def test_fit_scorer_tuning_tickets_make_it_honest_where_training_readings_are_too_good(
    training: Searched, tuning: Searched
) -> None:
    """Training readings that are never wrong teach too much trust; what tuning tickets show counts as much."""
    gold = [tiny_reading({t: 0.9 if t == own.topic else 0.05 for t in ARTICLES}) for own in training.tickets]
    flattering = replace(training, readings=gold)
    alone = fit_scorer(flattering, flattering, TOPIC_ARTICLES, CONFIG)
    tuned = fit_scorer(flattering, tuning, TOPIC_ARTICLES, CONFIG)
    unseen = [judge(scorer, cases(Split.CALIBRATION, 2)) for scorer in (alone, tuned)]
    too_sure, honest = (float(found.probabilities.mean() - found.right.mean()) for found in unseen)
    assert abs(honest) < too_sure


def test_fit_scorer_search_that_finds_nothing_right_is_refused(training: Searched, tuning: Searched) -> None:
    blind = replace(training, candidates=[[] for _ in training.tickets])
    with pytest.raises(TrainingError, match="is the index built from these articles"):
        fit_scorer(blind, tuning, TOPIC_ARTICLES, CONFIG)


def test_fit_scorer_nothing_ever_wrong_is_refused(training: Searched) -> None:
    only = [row for row, ticket in enumerate(training.tickets) if ticket.article_id]
    easy = Searched(
        [training.tickets[row] for row in only],
        [training.readings[row] for row in only],
        [
            [c for c in training.candidates[row] if c.article_id == training.tickets[row].article_id]
            for row in only
        ],
    )
    with pytest.raises(TrainingError, match="both right and wrong"):
        fit_scorer(easy, easy, TOPIC_ARTICLES, CONFIG)


def test_fit_thresholds_bound_of_the_configuration_is_used() -> None:
    judged = Judged(np.full(120, 0.95), np.arange(120) >= 4, ["billing"] * 120, ["KB001"] * 120)
    strict = fit_thresholds(judged, judged, CONFIG)["billing"]
    loose = fit_thresholds(judged, judged, ResolutionConfig(bound=Bound(0.2, 0.9)))["billing"]
    assert strict.value is None
    assert loose.value is not None

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.schema import LabelledTicket, Split
from models.reading import Reading
from models.resolution import ResolutionScorer, TopicArticles
from models.thresholds import Bound
from tests.unit.models.tiny import TinyCandidate, tiny_reading
from tests.unit.training.toy import ARTICLES, toy_reader, toy_tickets
from training.dataset import make_rows
from training.errors import TrainingError
from training.heads import Rows
from training.resolution import (
    Judged,
    ResolutionConfig,
    calibrate_scorer,
    fit_scorer,
    fit_thresholds,
    judge,
)

TOPIC_ARTICLES = TopicArticles(ARTICLES)
CONFIG = ResolutionConfig()
Cases = tuple[Rows[LabelledTicket], list[Reading], list[list[TinyCandidate]]]


def cases(split: Split, seed: int) -> Cases:
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
    return rows, readings, candidates


@pytest.fixture(scope="module")
def training() -> Cases:
    return cases(Split.TRAIN, 0)


@pytest.fixture(scope="module")
def scorer(training: Cases) -> ResolutionScorer:
    rows, readings, candidates = training
    return fit_scorer(readings, candidates, rows, TOPIC_ARTICLES, CONFIG)


def test_fit_scorer_topic_decides_where_the_search_is_noise(scorer: ResolutionScorer) -> None:
    rows, readings, candidates = cases(Split.CALIBRATION, 1)
    judged = judge(scorer, readings, candidates, rows)
    resolvable = np.array([ticket.article_id is not None for ticket in rows.tickets])
    assert judged.right[resolvable].mean() > 0.85
    nearest = [max(found, key=lambda candidate: candidate.dense).article_id for found in candidates]
    assert judged.article_ids != nearest


def test_judge_right_answers_are_likelier_than_wrong_ones(scorer: ResolutionScorer) -> None:
    rows, readings, candidates = cases(Split.CALIBRATION, 1)
    judged = judge(scorer, readings, candidates, rows)
    assert judged.probabilities[judged.right].mean() > judged.probabilities[~judged.right].mean() + 0.3
    assert judged.categories == [reading.category.value for reading in readings]
    for row, ticket in enumerate(rows.tickets):
        assert judged.right[row] == (
            ticket.article_id is not None and judged.article_ids[row] == ticket.article_id
        )


def test_calibrate_scorer_overconfident_scorer_becomes_honest(scorer: ResolutionScorer) -> None:
    rows, readings, candidates = cases(Split.CALIBRATION, 2)
    loud = replace(scorer, ticket_weights=scorer.ticket_weights * 5, ticket_bias=scorer.ticket_bias * 5)
    calibrated = calibrate_scorer(loud, readings, candidates, rows)
    assert 0 < calibrated.calibration[0] < 1
    judged = judge(calibrated, readings, candidates, rows)
    assert judged.probabilities.mean() == pytest.approx(judged.right.mean(), abs=0.05)


def test_calibrate_scorer_held_out_tickets_that_contradict_it_are_refused(scorer: ResolutionScorer) -> None:
    rows, readings, candidates = cases(Split.CALIBRATION, 3)
    upside_down = replace(scorer, ticket_weights=-scorer.ticket_weights, ticket_bias=-scorer.ticket_bias)
    with pytest.raises(TrainingError, match="more training tickets"):
        calibrate_scorer(upside_down, readings, candidates, rows)


def test_fit_scorer_search_that_finds_nothing_right_is_refused(training: Cases) -> None:
    rows, readings, candidates = training
    with pytest.raises(TrainingError, match="is the index built from these articles"):
        fit_scorer(readings, [[] for _ in candidates], rows, TOPIC_ARTICLES, CONFIG)


def test_fit_scorer_nothing_ever_wrong_is_refused(training: Cases) -> None:
    rows, readings, candidates = training
    only = [row for row, ticket in enumerate(rows.tickets) if ticket.article_id]
    found = [[c for c in candidates[row] if c.article_id == rows.tickets[row].article_id] for row in only]
    with pytest.raises(TrainingError, match="both right and wrong"):
        fit_scorer([readings[row] for row in only], found, rows.take(np.array(only)), TOPIC_ARTICLES, CONFIG)


def test_fit_thresholds_bound_of_the_configuration_is_used() -> None:
    judged = Judged(np.full(120, 0.95), np.arange(120) >= 4, ["billing"] * 120, ["KB001"] * 120)
    strict = fit_thresholds(judged, CONFIG)["billing"]
    loose = fit_thresholds(judged, ResolutionConfig(bound=Bound(0.2, 0.9)))["billing"]
    assert strict.value is None
    assert loose.value is not None

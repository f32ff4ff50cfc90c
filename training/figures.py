"""The figures of a run, on the test split: saved in the bundle and printed by ``firstline train``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from evaluation.classification import measure_readings
from evaluation.novelty import measure_novelty
from evaluation.resolution import measure_answers, measure_ranking
from evaluation.selective import SCORER, TOPIC, Scored, measure_selection
from models.bundle import Bundle
from training.novelty import OUT_OF_SCOPE
from training.resolution import Judged, Searched


def measure_run(bundle: Bundle, test: Searched, answers: Judged) -> dict[str, Any]:
    """Returns the figures of every model of `bundle`.

    Args:
        bundle: with its thresholds.
        test: the test tickets as the bundle reads them.
        answers: what its scorer says of them.
    """
    tickets, readings = test.tickets, test.readings
    ranked = [
        bundle.scorer.rank(reading, found) for reading, found in zip(readings, test.candidates, strict=True)
    ]
    ways = score_ways(test, answers, bundle.scorer.topic_articles.by_topic)
    return {
        "models": measure_readings(tickets, readings),
        "out_of_scope": measure_novelty(
            np.array([reading.out_of_scope for reading in readings]),
            np.array([ticket.topic == OUT_OF_SCOPE for ticket in tickets]),
            [str(ticket.language) for ticket in tickets],
        ),
        "answers": measure_answers(
            tickets, answers.probabilities, answers.right, answers.categories, bundle.thresholds
        ),
        "selection": {
            way: {figure: asdict(value) for figure, value in figures.items()}
            for way, figures in measure_selection(ways).items()
        },
        "ranking": measure_ranking(tickets, ranked),
    }


def score_ways(
    test: Searched, answers: Judged, topic_articles: Mapping[str, str | None]
) -> dict[str, Scored]:
    """Returns the scorer beside the plain maximum: the likeliest topic's article by its probability.

    The best search score, as a third way, is in ``firstline evaluate resolution``.
    """
    offered = [topic_articles.get(reading.topic.value) for reading in test.readings]
    plain = Scored(
        np.array(
            [r.topic.probability if own else 0.0 for r, own in zip(test.readings, offered, strict=True)]
        ),
        np.array(
            [own is not None and own == t.article_id for t, own in zip(test.tickets, offered, strict=True)]
        ),
    )
    return {SCORER: Scored(answers.probabilities, answers.right), TOPIC: plain}

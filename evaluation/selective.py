"""How well a score orders tickets by whether they can be answered: the learnt scorer beside plain maxima."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.taxonomy import Taxonomy
from evaluation.bootstrap import bootstrap_interval
from evaluation.metrics import Interval, area_under_risk_coverage, coverage_at_precision
from evaluation.replay import Replayed

SCORER = "resolution scorer"
TOPIC = "likeliest topic"
SEARCH = "best search score"


@dataclass(frozen=True)
class Scored:
    """A way to answer: how sure it is of each ticket, and whether its article would be right.

    Attributes:
        confidence: ``(n,)``, higher is surer; 0 where it has no article to offer.
        right: ``(n,)``.
    """

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]


def score_replayed(rows: Sequence[Replayed], taxonomy: Taxonomy) -> dict[str, Scored]:
    """Returns the desk's scorer and two baselines without a second model, before any rule of the gate.

    The baselines answer with the article of the likeliest topic by its probability (maximum softmax
    probability, Hendrycks and Gimpel 2017), and with the first article of the search by its fused score.
    """
    articles = {name: topic.article_id for name, topic in taxonomy.by_name.items()}
    ways: dict[str, list[tuple[float, bool]]] = {SCORER: [], TOPIC: [], SEARCH: []}
    for row in rows:
        seen, wanted = row.outcome.explanation, row.ticket.article_id
        first = max(seen.proposals, key=lambda proposal: proposal.score, default=None)
        offers = {
            SCORER: (seen.article_id, seen.probability),
            TOPIC: (articles.get(seen.topic.value), seen.topic.probability),
            SEARCH: (first.article_id, first.score) if first else (None, 0.0),
        }
        for name, (article, confidence) in offers.items():
            known = article is not None
            ways[name].append((confidence if known else 0.0, known and article == wanted))
    return {
        name: Scored(np.array([c for c, _ in pairs]), np.array([r for _, r in pairs], dtype=np.bool_))
        for name, pairs in ways.items()
    }


def measure_selection(ways: Mapping[str, Scored]) -> dict[str, dict[str, Interval]]:
    """Returns AURC and the coverage at 95 % precision of each way, with bootstrap intervals."""
    return {
        name: {
            "aurc": bootstrap_interval(_figure(area_under_risk_coverage, way), len(way.right)),
            "coverage_at_95_precision": bootstrap_interval(
                _figure(coverage_at_precision, way), len(way.right)
            ),
        }
        for name, way in ways.items()
    }


def _figure(metric: Any, way: Scored) -> Any:
    return lambda rows: metric(way.confidence[rows], way.right[rows])

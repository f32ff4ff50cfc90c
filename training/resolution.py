"""The run that learns when an answer is right: candidate order, scorer, thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from data.schema import LabelledTicket
from kb_index.search import KnowledgeIndex
from models.reading import Reading
from models.resolution import (
    CANDIDATE_FEATURES,
    Candidate,
    ResolutionScorer,
    TopicArticles,
    candidate_features,
)
from models.thresholds import Bound, Threshold, choose_thresholds
from training.errors import TrainingError
from training.heads import Rows


@dataclass(frozen=True)
class ResolutionConfig:
    """How the scorer is fitted.

    Attributes:
        strength: inverse regularisation of the scorer.
        bound: what the thresholds promise.
        candidates: articles that the search proposes for a ticket.
    """

    strength: float = 0.3
    bound: Bound = field(default_factory=Bound)
    candidates: int = 5


@dataclass(frozen=True)
class Judged:
    """Scored tickets: probability of the best article, whether it is the right one, predicted category."""

    probabilities: NDArray[np.float64]
    right: NDArray[np.bool_]
    categories: list[str]
    article_ids: list[str | None]


def find_candidates(
    readings: Sequence[Reading],
    texts: Sequence[str],
    index: KnowledgeIndex,
    scorer: ResolutionScorer,
    config: ResolutionConfig,
) -> Sequence[Sequence[Candidate]]:
    """Returns the articles the search proposes for each ticket, those of the likeliest topics among them."""
    embeddings = np.stack([reading.embedding for reading in readings])
    languages = [reading.language for reading in readings]
    wanted = [scorer.suggest(reading) for reading in readings]
    return index.search(embeddings, texts, languages, config.candidates, wanted)


def fit_scorer(
    readings: Sequence[Reading],
    candidates: Sequence[Sequence[Candidate]],
    rows: Rows[LabelledTicket],
    topic_articles: TopicArticles,
    config: ResolutionConfig,
) -> ResolutionScorer:
    """Returns a scorer fitted on readings by models that have not seen these tickets.

    Raises:
        TrainingError: no ticket has its article among the candidates, or all of them have.
    """
    gold = [ticket.article_id for ticket in rows.tickets]
    weights = _fit_order(readings, candidates, gold, topic_articles)
    blank = np.zeros(1)
    scorer = ResolutionScorer(topic_articles, weights, blank, 0.0, blank, np.ones(1))
    described = [
        scorer.describe(reading, found, len(ticket.text))
        for reading, found, ticket in zip(readings, candidates, rows.tickets, strict=True)
    ]
    matrix = np.array([features for _, features in described])
    right = np.array(
        [
            best is not None and best.article_id == article
            for (best, _), article in zip(described, gold, strict=True)
        ]
    )
    if right.all() or not right.any():
        raise TrainingError("the resolution scorer needs both right and wrong best articles to learn from")
    mean, scale = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-6)
    coefficients, bias = _fit_logistic((matrix - mean) / scale, right, config.strength)
    return ResolutionScorer(topic_articles, weights, coefficients, bias, mean, scale)


def calibrate_scorer(
    scorer: ResolutionScorer,
    readings: Sequence[Reading],
    candidates: Sequence[Sequence[Candidate]],
    rows: Rows[LabelledTicket],
) -> ResolutionScorer:
    """Returns the scorer with slope and intercept fitted on held-out tickets (Platt 1999)."""
    judged = judge(scorer, readings, candidates, rows)
    clipped = np.clip(judged.probabilities, 1e-9, 1 - 1e-9)
    logits = np.log(clipped / (1 - clipped))[:, None]
    slope, intercept = _fit_logistic(logits, judged.right, 1e6)
    if slope[0] <= 0:
        raise TrainingError("held-out tickets contradict the scorer; more training tickets are needed")
    return replace(scorer, calibration=(float(slope[0]), intercept))


def judge(
    scorer: ResolutionScorer,
    readings: Sequence[Reading],
    candidates: Sequence[Sequence[Candidate]],
    rows: Rows[LabelledTicket],
) -> Judged:
    """Returns the scorer's probabilities beside the truth."""
    scored = scorer.score(readings, candidates, [len(ticket.text) for ticket in rows.tickets])
    gold = [ticket.article_id for ticket in rows.tickets]
    ids = [best.article_id if best else None for best, _ in scored]
    return Judged(
        np.array([probability for _, probability in scored]),
        np.array([found is not None and found == article for found, article in zip(ids, gold, strict=True)]),
        [reading.category.value for reading in readings],
        ids,
    )


def fit_thresholds(judged: Judged, config: ResolutionConfig) -> dict[str, Threshold]:
    """Returns the threshold of each category on the calibration split."""
    return choose_thresholds(judged.categories, judged.probabilities, judged.right, config.bound)


def _fit_order(
    readings: Sequence[Reading],
    candidates: Sequence[Sequence[Candidate]],
    gold: Sequence[str | None],
    topic_articles: TopicArticles,
) -> NDArray[np.float64]:
    """Conditional logit (McFadden 1974) over the candidates of the tickets whose article was found."""
    blocks = [
        (
            candidate_features(topic_articles.probabilities(reading)[0], found),
            [c.article_id for c in found].index(article),
        )
        for reading, found, article in zip(readings, candidates, gold, strict=True)
        if article is not None and article in {c.article_id for c in found}
    ]
    if not blocks:
        raise TrainingError("the search finds no ticket's article: is the index built from these articles?")
    sizes = [len(block) for block, _ in blocks]
    starts = np.cumsum([0, *sizes])
    matrix = np.concatenate([block for block, _ in blocks])
    chosen = starts[:-1] + np.array([position for _, position in blocks])
    penalty = 1e-3

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = matrix @ weights
        best = np.maximum.reduceat(scores, starts[:-1])
        shifted = np.exp(scores - np.repeat(best, sizes))
        totals = np.log(np.add.reduceat(shifted, starts[:-1])) + best
        shares = np.exp(scores - np.repeat(totals, sizes))
        value = (totals - scores[chosen]).mean() + penalty * weights @ weights
        slope = (matrix.T @ shares - matrix[chosen].sum(axis=0)) / len(blocks) + 2 * penalty * weights
        return float(value), slope

    found = minimize(loss, np.zeros(len(CANDIDATE_FEATURES)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def _fit_logistic(
    matrix: NDArray[np.float64], target: NDArray[np.bool_], strength: float
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=1000).fit(matrix, target)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])

"""The run that learns when an answer is right: candidate order, scorer, thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from models.threshold_choice import JudgedTickets, choose_thresholds
from models.thresholds import Bound, Threshold
from training.errors import TrainingError


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

    @property
    def answers(self) -> JudgedTickets:
        """What thresholds are chosen on."""
        return JudgedTickets(np.array(self.categories, dtype=np.str_), self.probabilities, self.right)


@dataclass(frozen=True)
class Searched:
    """Labelled tickets with what the models read in them and the articles a search proposes for each."""

    tickets: Sequence[LabelledTicket]
    readings: Sequence[Reading]
    candidates: Sequence[Sequence[Candidate]]


def search(
    tickets: Sequence[LabelledTicket],
    readings: Sequence[Reading],
    index: KnowledgeIndex,
    scorer: ResolutionScorer,
    config: ResolutionConfig,
) -> Searched:
    """Returns the articles the search proposes for each ticket, those of the likeliest topics among them."""
    embeddings = np.stack([reading.embedding for reading in readings])
    languages = [reading.language for reading in readings]
    wanted = [scorer.suggest(reading) for reading in readings]
    texts = [ticket.text for ticket in tickets]
    return Searched(tickets, readings, index.search(embeddings, texts, languages, config.candidates, wanted))


def fit_scorer(
    train: Searched, tuning: Searched, topic_articles: TopicArticles, config: ResolutionConfig
) -> ResolutionScorer:
    """Returns a scorer fitted on readings by models that have not seen these tickets.

    Args:
        train: many, but read by models of a part of the training tickets each.
        tuning: few, but read by the very models that will be served; they count as much as all of `train`.
        topic_articles: the article of each topic.
        config: the settings.

    Raises:
        TrainingError: no ticket has its article among the candidates, or all of them have.
    """
    order = _fit_order(train, topic_articles)
    blank = np.zeros(1)
    scorer = ResolutionScorer(topic_articles, order, blank, 0.0, blank, np.ones(1))
    parts = [_describe(scorer, part) for part in (train, tuning)]
    matrix, right = (np.concatenate(found) for found in zip(*parts, strict=True))
    if right.all() or not right.any():
        raise TrainingError("the resolution scorer needs both right and wrong best articles to learn from")
    many, few = (len(part.tickets) for part in (train, tuning))
    weights = np.repeat([1.0, many / max(few, 1)], [many, few])
    mean, scale = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-6)
    coefficients, bias = _fit_logistic((matrix - mean) / scale, right, weights, config.strength)
    return ResolutionScorer(topic_articles, order, coefficients, bias, mean, scale)


def judge(scorer: ResolutionScorer, searched: Searched) -> Judged:
    """Returns the scorer's probabilities beside the truth."""
    lengths = [len(ticket.text) for ticket in searched.tickets]
    scored = scorer.score(searched.readings, searched.candidates, lengths)
    gold = [ticket.article_id for ticket in searched.tickets]
    ids = [best.article_id if best else None for best, _ in scored]
    return Judged(
        np.array([probability for _, probability in scored]),
        np.array([found is not None and found == article for found, article in zip(ids, gold, strict=True)]),
        [reading.category.value for reading in searched.readings],
        ids,
    )


def fit_thresholds(tuning: Judged, certifying: Judged, config: ResolutionConfig) -> dict[str, Threshold]:
    """Returns the threshold of each category: searched where `tuning` says, proven by `certifying`."""
    return choose_thresholds(tuning.answers, certifying.answers, config.bound)


def _describe(scorer: ResolutionScorer, part: Searched) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Returns the ticket features of each ticket, and whether its best article is the right one."""
    described = [
        scorer.describe(reading, found, len(ticket.text))
        for ticket, reading, found in zip(part.tickets, part.readings, part.candidates, strict=True)
    ]
    right = [
        best is not None and best.article_id == ticket.article_id
        for (best, _), ticket in zip(described, part.tickets, strict=True)
    ]
    return np.array([features for _, features in described]), np.array(right, dtype=np.bool_)


def _fit_order(train: Searched, topic_articles: TopicArticles) -> NDArray[np.float64]:
    """Conditional logit (McFadden 1974) over the candidates of the tickets whose article was found."""
    blocks = [
        (
            candidate_features(topic_articles.probabilities(reading)[0], found),
            [c.article_id for c in found].index(ticket.article_id),
        )
        for ticket, reading, found in zip(train.tickets, train.readings, train.candidates, strict=True)
        if ticket.article_id is not None and ticket.article_id in {c.article_id for c in found}
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
    matrix: NDArray[np.float64], target: NDArray[np.bool_], weights: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=1000).fit(matrix, target, weights)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])

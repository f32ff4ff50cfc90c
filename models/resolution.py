"""The chance that the best article resolves a ticket.

Two small linear models: one orders the candidates of a ticket (a conditional logit), the other says how likely
the first of them is right. The second sees what a single score cannot tell: the margin to the runner-up, whether
category and article agree, how far the text is from everything known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.schema import Language
from models.reading import Reading

FLOOR = 1e-4
CANDIDATE_FEATURES = ("dense", "lexical", "lexical_same_language", "log_topic", "topic", "dense_cross_language")
TICKET_FEATURES = (
    "logit_topic",
    "topic",
    "margin",
    "score",
    "dense",
    "dense_gap",
    "lexical",
    "logit_no_article",
    "no_article",
    "entropy",
    "category_agreement",
    "log_category",
    "out_of_scope",
    "same_language",
    "length",
    "no_candidate",
    *(f"language_{language}" for language in Language),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One article that a search proposes for a ticket.

    Attributes:
        dense: cosine of ticket and best chunk, in [-1, 1].
        lexical: BM25 divided by the best of this search, in [0, 1].
        same_language: whether the article is in the ticket's language.
    """

    article_id: str
    language: str
    category: str
    dense: float
    lexical: float
    same_language: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best article of a ticket and the chance that it resolves it.

    Attributes:
        article_id: None where the search found nothing.
        probability: calibrated, in [0, 1].
        threshold: of the ticket's category; None means never answer.
    """

    article_id: str | None
    article_language: str | None
    probability: float
    threshold: float | None

    @property
    def reaches_threshold(self) -> bool:
        """Whether the probability is at least the threshold."""
        return self.threshold is not None and self.probability >= self.threshold


@dataclass(frozen=True)
class TopicArticles:
    """Which article resolves which topic; None where a human must."""

    by_topic: Mapping[str, str | None]

    def probabilities(self, reading: Reading) -> tuple[dict[str, float], float]:
        """Returns the topic probability of each article, and that of having none."""
        found: dict[str, float] = {}
        without = 0.0
        for topic, probability in reading.topics.items():
            article = self.by_topic.get(topic)
            if article is None:
                without += probability
            else:
                found[article] = found.get(article, 0.0) + probability
        return found, without


@dataclass(frozen=True)
class ResolutionScorer:
    """Orders candidates and scores the first.

    Attributes:
        candidate_weights: of `CANDIDATE_FEATURES`.
        ticket_weights: of the standardised `TICKET_FEATURES`; `ticket_bias` the constant.
        mean: of the ticket features when fitted; `scale` their standard deviation.
        calibration: slope and intercept on the logit (Platt 1999).
    """

    topic_articles: TopicArticles
    candidate_weights: NDArray[np.float64]
    ticket_weights: NDArray[np.float64]
    ticket_bias: float
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    calibration: tuple[float, float] = (1.0, 0.0)

    def order(self, reading: Reading, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
        """Returns the candidates with their scores, best first."""
        if not candidates:
            return []
        rows = candidate_features(reading, candidates, self.topic_articles)
        scores = rows @ self.candidate_weights
        order = np.argsort(-scores, kind="stable")
        return [(float(scores[i]), candidates[i]) for i in order]

    def score(
        self, readings: Sequence[Reading], candidates: Sequence[Sequence[Candidate]], lengths: Sequence[int]
    ) -> list[tuple[Candidate | None, float]]:
        """Returns the best candidate of each ticket and the probability that it resolves the ticket."""
        if not readings:
            return []
        ordered = [self.order(reading, found) for reading, found in zip(readings, candidates, strict=True)]
        rows = np.array(
            [
                ticket_features(reading, found, length, self.topic_articles)
                for reading, found, length in zip(readings, ordered, lengths, strict=True)
            ]
        )
        logits = ((rows - self.mean) / self.scale) @ self.ticket_weights + self.ticket_bias
        slope, intercept = self.calibration
        probabilities = 1 / (1 + np.exp(-(slope * logits + intercept)))
        return [
            (found[0][1], float(probability)) if found else (None, 0.0)
            for found, probability in zip(ordered, probabilities, strict=True)
        ]


def candidate_features(
    reading: Reading, candidates: Sequence[Candidate], topic_articles: TopicArticles
) -> NDArray[np.float64]:
    """Returns ``(candidates, CANDIDATE_FEATURES)``."""
    by_article, _ = topic_articles.probabilities(reading)
    rows = []
    for candidate in candidates:
        topic = by_article.get(candidate.article_id, 0.0)
        rows.append(
            (
                candidate.dense,
                candidate.lexical,
                candidate.lexical * candidate.same_language,
                math.log(topic + FLOOR),
                topic,
                candidate.dense * (not candidate.same_language),
            )
        )
    return np.array(rows, dtype=np.float64)


def ticket_features(
    reading: Reading,
    ordered: Sequence[tuple[float, Candidate]],
    length: int,
    topic_articles: TopicArticles,
) -> tuple[float, ...]:
    """Returns the `TICKET_FEATURES` of one ticket whose candidates are `ordered`, best first."""
    by_article, no_article = topic_articles.probabilities(reading)
    languages = tuple(float(reading.language == language) for language in Language)
    entropy = -sum(p * math.log(p) for p in reading.topics.values() if p > 0)
    if not ordered:
        return (0.0,) * 7 + (_logit(no_article), no_article, entropy, 0.0, 0.0, reading.out_of_scope, 0.0,
                             math.log1p(length), 1.0, *languages)  # fmt: skip
    score, best = ordered[0]
    runner_up = ordered[1] if len(ordered) > 1 else (score - 5.0, None)
    topic = by_article.get(best.article_id, 0.0)
    category = reading.categories.get(best.category, 0.0)
    next_dense = runner_up[1].dense if runner_up[1] is not None else 0.0
    return (
        _logit(topic),
        topic,
        min(10.0, score - runner_up[0]),
        score,
        best.dense,
        best.dense - next_dense,
        best.lexical,
        _logit(no_article),
        no_article,
        entropy,
        float(reading.category.value == best.category),
        math.log(category + FLOOR),
        reading.out_of_scope,
        float(best.same_language),
        math.log1p(length),
        0.0,
        *languages,
    )


def _logit(probability: float) -> float:
    clipped = min(max(probability, FLOOR), 1 - FLOOR)
    return math.log(clipped / (1 - clipped))

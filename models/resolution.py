"""The chance that the best article resolves a ticket.

Two small linear models: one orders the candidates of a ticket (a conditional logit), the other says how likely
the first of them is right. The second sees what a single score cannot tell: the margin to the runner-up, whether
category and article agree, how far the text is from everything known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.schema import Language
from models.reading import Reading

FLOOR = 1e-4
CANDIDATE_FEATURES = (
    "dense",
    "lexical",
    "lexical_same_language",
    "log_topic",
    "topic",
    "dense_cross_language",
)
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


class Candidate(Protocol):
    """One article that a search proposes for a ticket; `kb_index.search.Hit` is one."""

    @property
    def article_id(self) -> str:
        """The same in every language."""
        ...

    @property
    def language(self) -> str:
        """Of the version that would be sent."""
        ...

    @property
    def category(self) -> str:
        """Of the article."""
        ...

    @property
    def dense(self) -> float:
        """Cosine of ticket and nearest chunk, in [-1, 1]."""
        ...

    @property
    def lexical(self) -> float:
        """BM25 divided by the best of this search, in [0, 1]."""
        ...

    @property
    def preferred_language(self) -> bool:
        """Whether the article is in the ticket's language."""
        ...


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


Ranked = tuple[float, Candidate]
"""A candidate and its score; only the order of scores means something."""


@dataclass(frozen=True)
class TopicArticles:
    """Which article resolves which topic; None where a human must."""

    by_topic: Mapping[str, str | None]

    def probabilities(self, reading: Reading) -> tuple[dict[str, float], float]:
        """Returns the topic probability of each article, and that of having none; traces are left out."""
        found: dict[str, float] = {}
        without = 0.0
        for topic, probability in reading.topics.items():
            if probability < FLOOR:
                continue
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
    """

    topic_articles: TopicArticles
    candidate_weights: NDArray[np.float64]
    ticket_weights: NDArray[np.float64]
    ticket_bias: float
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def suggest(self, reading: Reading, limit: int = 2) -> list[str]:
        """Returns the articles of the likeliest topics, which a search should not leave out."""
        by_article, _ = self.topic_articles.probabilities(reading)
        return sorted(by_article, key=lambda article: -by_article[article])[:limit]

    def order(self, chances: Mapping[str, float], candidates: Sequence[Candidate]) -> list[Ranked]:
        """Returns the candidates with their scores, best first; `chances` are those of their topics."""
        if not candidates:
            return []
        scores = (candidate_features(chances, candidates) @ self.candidate_weights).tolist()
        order = sorted(range(len(scores)), key=lambda i: -scores[i])
        return [(scores[i], candidates[i]) for i in order]

    def rank(self, reading: Reading, candidates: Sequence[Candidate]) -> list[str]:
        """Returns the ids of the candidates, best first."""
        chances, _ = self.topic_articles.probabilities(reading)
        return [candidate.article_id for _, candidate in self.order(chances, candidates)]

    def describe(
        self, reading: Reading, candidates: Sequence[Candidate], length: int
    ) -> tuple[Candidate | None, tuple[float, ...]]:
        """Returns the best candidate of a ticket and the `TICKET_FEATURES`; `length` in characters."""
        chances, no_article = self.topic_articles.probabilities(reading)
        ordered = self.order(chances, candidates)
        best = ordered[0][1] if ordered else None
        return best, ticket_features(reading, ordered, length, chances, no_article)

    def score(
        self, readings: Sequence[Reading], candidates: Sequence[Sequence[Candidate]], lengths: Sequence[int]
    ) -> list[tuple[Candidate | None, float]]:
        """Returns the best candidate of each ticket and the probability that it resolves the ticket."""
        if not readings:
            return []
        described = [
            self.describe(reading, found, length)
            for reading, found, length in zip(readings, candidates, lengths, strict=True)
        ]
        rows = np.array([features for _, features in described])
        logits = ((rows - self.mean) / self.scale) @ self.ticket_weights + self.ticket_bias
        probabilities = 1 / (1 + np.exp(-logits))
        return [
            (best, float(probability) if best is not None else 0.0)
            for (best, _), probability in zip(described, probabilities, strict=True)
        ]


def candidate_features(chances: Mapping[str, float], candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Returns ``(candidates, CANDIDATE_FEATURES)``; `chances` is the topic probability of each article."""
    rows = []
    for candidate in candidates:
        topic = chances.get(candidate.article_id, 0.0)
        own = candidate.preferred_language
        dense, lexical = candidate.dense, candidate.lexical
        rows.append((dense, lexical, lexical * own, math.log(topic + FLOOR), topic, dense * (not own)))
    return np.array(rows, dtype=np.float64)


def ticket_features(
    reading: Reading,
    ordered: Sequence[Ranked],
    length: int,
    chances: Mapping[str, float],
    no_article: float,
) -> tuple[float, ...]:
    """Returns the `TICKET_FEATURES` of one ticket whose candidates are `ordered`, best first."""
    languages = tuple(float(reading.language == language) for language in Language)
    entropy = -sum(p * math.log(p) for p in reading.topics.values() if p > FLOOR)
    if not ordered:
        return (0.0,) * 7 + (_logit(no_article), no_article, entropy, 0.0, 0.0, reading.out_of_scope, 0.0,
                             math.log1p(length), 1.0, *languages)  # fmt: skip
    score, best = ordered[0]
    runner_up = ordered[1] if len(ordered) > 1 else (score - 5.0, None)
    topic = chances.get(best.article_id, 0.0)
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
        float(best.preferred_language),
        math.log1p(length),
        0.0,
        *languages,
    )


def _logit(probability: float) -> float:
    clipped = min(max(probability, FLOOR), 1 - FLOOR)
    return math.log(clipped / (1 - clipped))

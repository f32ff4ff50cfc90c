"""A set of tickets as drift sees it: labels, scores and embeddings, one value a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.offline import Handled
from serving.domain.decision import Action

GIVEN = {"category": "category on the label", "topic": "topic on the label"}
READ = {
    "language": "language",
    "channel": "channel",
    "category": "category read",
    "topic": "topic read",
    "sentiment": "sentiment read",
    "urgent": "urgency read",
}


@dataclass(frozen=True, eq=False)
class Observation:
    """A set of tickets.

    Attributes:
        labels: by name, one value a ticket; one that the file does not give for every ticket is not here.
        novelty: ``(n,)`` distance from everything known, in [0, 1].
        confidence: ``(n,)`` probability of the topic that was read.
        probability: ``(n,)`` that the best article resolves it.
        resolvable: ``(n,)`` whether the desk would answer by itself.
        without_article: ``(n,)`` whether the topic that was read has no article.
        embeddings: ``(n, dim)``.
    """

    labels: Mapping[str, list[str]]
    novelty: NDArray[np.float64]
    confidence: NDArray[np.float64]
    probability: NDArray[np.float64]
    resolvable: NDArray[np.bool_]
    without_article: NDArray[np.bool_]
    embeddings: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.novelty)

    def take(self, rows: NDArray[np.intp]) -> Observation:
        """Returns some of the tickets; a number may occur more than once."""
        return Observation(
            {name: [values[row] for row in rows] for name, values in self.labels.items()},
            self.novelty[rows],
            self.confidence[rows],
            self.probability[rows],
            self.resolvable[rows],
            self.without_article[rows],
            self.embeddings[rows],
        )

    def rows_of(self, language: str) -> NDArray[np.intp]:
        """Returns the numbers of the tickets in a language."""
        return np.flatnonzero(np.array(self.labels["language"]) == language)


def observe(handled: Iterable[Handled], topic_articles: Mapping[str, str | None]) -> Observation:
    """Returns what drift looks at; `topic_articles` names the article of each topic, None without one."""
    labels: dict[str, list[str]] = {name: [] for name in (*READ.values(), *GIVEN.values())}
    scores: list[tuple[float, float, float, bool, bool]] = []
    embeddings = []
    for item in handled:
        for name, value in _labels(item).items():
            labels[name].append(value)
        reading, verdict = item.understood.reading, item.understood.verdict
        scores.append(
            (
                reading.out_of_scope,
                reading.topic.probability,
                verdict.probability,
                item.decision.action is Action.AUTO_RESOLVE,
                topic_articles.get(reading.topic.value) is None,
            )
        )
        embeddings.append(reading.embedding)
    table = np.array(scores, dtype=np.float64)
    return Observation(
        labels={name: values for name, values in labels.items() if all(values)},
        novelty=table[:, 0],
        confidence=table[:, 1],
        probability=table[:, 2],
        resolvable=table[:, 3] > 0,
        without_article=table[:, 4] > 0,
        embeddings=np.stack(embeddings),
    )


def _labels(item: Handled) -> dict[str, str]:
    reading = item.understood.reading
    return {
        READ["language"]: reading.language,
        READ["channel"]: str(item.ticket.channel or ""),
        READ["category"]: reading.category.value,
        READ["topic"]: reading.topic.value,
        READ["sentiment"]: reading.sentiment.value,
        READ["urgent"]: "urgent" if reading.is_urgent else "not_urgent",
        GIVEN["category"]: item.ticket.category or "",
        GIVEN["topic"]: item.ticket.topic or "",
    }

"""What the models and the knowledge index make of a batch of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.schema import Article, Category, Sentiment
from models.reading import Reading
from models.resolution import Verdict
from serving.domain.intake import Intake
from serving.domain.phrases import Words, split_words
from serving.orchestrator.ports import Hit, Knowledge, Models


@dataclass(frozen=True, slots=True)
class Understood:
    """One message, read and judged.

    Attributes:
        category: that was read, like the sentiment.
        hits: the articles found, best first.
        article: the verdict's article in the verdict's language, None without one.
        words: of the whole text, for phrases and keywords.
    """

    intake: Intake
    reading: Reading
    category: Category
    sentiment: Sentiment
    hits: Sequence[Hit]
    verdict: Verdict
    article: Article | None
    words: Words
    model_version: str
    index_version: str


def understand(
    intakes: Sequence[Intake], models: Models, knowledge: Knowledge, candidates: int
) -> list[Understood]:
    """Returns each message read, its articles found and the best of them judged, in three batched steps."""
    if not intakes:
        return []
    texts = [intake.text for intake in intakes]
    readings = models.read(texts, [intake.language for intake in intakes])
    embeddings = np.stack([reading.embedding for reading in readings])
    languages = [reading.language for reading in readings]
    found = knowledge.search(embeddings, texts, languages, candidates, models.suggest(readings))
    verdicts = models.judge(readings, found, [len(text) for text in texts])
    return [
        Understood(
            intake=intake,
            reading=reading,
            category=Category(reading.category.value),
            sentiment=Sentiment(reading.sentiment.value),
            hits=hits,
            verdict=verdict,
            article=_article(knowledge, verdict),
            words=split_words(text),
            model_version=models.version,
            index_version=knowledge.version,
        )
        for intake, text, reading, hits, verdict in zip(
            intakes, texts, readings, found, verdicts, strict=True
        )
    ]


def _article(knowledge: Knowledge, verdict: Verdict) -> Article | None:
    if verdict.article_id is None or verdict.article_language is None:
        return None
    return knowledge.articles.get((verdict.article_id, verdict.article_language))

"""A desk in memory: models that say what the test wants, a small index, a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from models.reading import Label, Reading
from models.resolution import Candidate, Verdict
from serving.domain.intake import Incoming
from serving.domain.ticket import Customer, Tier
from serving.orchestrator.desk import Desk, DeskPorts
from serving.settings import Settings, load_settings
from serving.settings.load import SHIPPED_FILE

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOPIC_ARTICLES = {"password_reset": "KB001", "refund_request": "KB032", "account_compromised": None}
TOPIC_CATEGORIES = {
    "password_reset": "account",
    "refund_request": "returns",
    "account_compromised": "account",
}
ARTICLES = {
    ("KB001", "en"): Article(
        "KB001",
        "password_reset",
        "account",
        "Reset your password",
        "en",
        ("Open the app.", "Tap Forgot."),
        "Body",
    ),
    ("KB001", "ja"): Article(
        "KB001", "password_reset", "account", "パスワードの再設定", "ja", ("アプリを開きます。",), "本文"
    ),
    ("KB032", "de"): Article(
        "KB032", "refund_request", "returns", "Geld zurück", "de", (), "# Frist\n\n30 Tage nach dem Kauf."
    ),
}


@cache
def shipped_settings() -> Settings:
    return load_settings(SHIPPED_FILE, {})


def reading(
    language: str = "en",
    category: str = "account",
    topic: str = "password_reset",
    sentiment: str = "neutral",
    urgent: float = 0.1,
) -> Reading:
    return Reading(
        language=language,
        category=Label(category, 0.9),
        topic=Label(topic, 0.8),
        sentiment=Label(sentiment, 0.7),
        urgent=Label("true" if urgent >= 0.5 else "false", urgent),
        categories={category: 0.9, "other": 0.1},
        topics={topic: 0.8},
        out_of_scope=0.1,
        embedding=np.array([1.0, 0.0], dtype=np.float32),
    )


def verdict(
    article_id: str | None = "KB001",
    language: str | None = "en",
    probability: float = 0.97,
    threshold: float | None = 0.8,
) -> Verdict:
    return Verdict(article_id, language, probability, threshold)


@dataclass(frozen=True)
class FakeHit:
    article_id: str
    language: str
    title: str
    category: str
    score: float = 0.8
    dense: float = 0.7
    lexical: float = 1.0
    preferred_language: bool = True


@dataclass
class FakeModels:
    """Gives one reading and verdict for every text, and remembers what it was asked."""

    reading: Reading = field(default_factory=reading)
    verdict: Verdict = field(default_factory=verdict)
    version: str = "models-1"
    texts: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
        self.texts += texts
        return [self.reading for _ in texts]

    def suggest(self, readings: Sequence[Reading]) -> list[list[str]]:
        return [[] for _ in readings]

    def judge(
        self,
        readings: Sequence[Reading],
        candidates: Sequence[Sequence[Candidate]],
        lengths: Sequence[int],
    ) -> list[Verdict]:
        self.lengths += lengths
        return [self.verdict for _ in readings]


@dataclass
class FakeKnowledge:
    version: str = "index-1"
    articles: Mapping[tuple[str, str], Article] = field(default_factory=lambda: ARTICLES)
    limits: list[int] = field(default_factory=list)

    def search(
        self,
        embeddings: NDArray[np.float32],
        texts: Sequence[str],
        languages: Sequence[str],
        limit: int = 5,
        wanted: Sequence[Sequence[str]] = (),
    ) -> list[list[FakeHit]]:
        assert embeddings.shape == (len(texts), 2)
        self.limits.append(limit)
        hits = [FakeHit(a.id, a.language, a.title, a.category) for a in self.articles.values()]
        return [hits[:limit] for _ in texts]

    def current(self) -> FakeKnowledge:
        return self


@dataclass
class FixedClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass
class CountingIds:
    given: int = 0

    def ticket_id(self, now: datetime) -> str:
        self.given += 1
        return f"TKT-{now:%Y%m%d%H%M%S}-{self.given:06x}"


def make_desk(models: FakeModels | None = None, settings: Settings | None = None, **ports: Any) -> Desk:
    defaults: dict[str, Any] = {
        "knowledge": FakeKnowledge(),
        "topic_articles": TOPIC_ARTICLES,
        "topic_categories": TOPIC_CATEGORIES,
        "clock": FixedClock(),
        "ids": CountingIds(),
    }
    return Desk(
        settings or shipped_settings(), DeskPorts(models=models or FakeModels(), **(defaults | ports))
    )


def message(
    text: str = "I forgot my password", channel: str = "chat", tier: Tier = Tier.STANDARD, **fields: Any
) -> Incoming:
    return Incoming(Customer("CUST-001", name="Alice Johnson", tier=tier), channel, text, **fields)

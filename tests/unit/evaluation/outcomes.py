"""Labels and outcomes whose figures can be set ticket by ticket."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.comparison import Labels
from evaluation.outcomes import Outcomes
from evaluation.trial import Trial
from models.thresholds import Threshold

LANGUAGES = ("en", "de", "ja")
CATEGORIES = ("account", "returns", "shipping")
EACH = 40
"""Tickets a language and category."""


def make_labels() -> Labels:
    language = np.repeat(LANGUAGES, EACH * len(CATEGORIES))
    category = np.tile(np.repeat(CATEGORIES, EACH), len(LANGUAGES))
    urgent = np.arange(len(language)) % 5 == 0
    return Labels(
        category=category,
        topic=np.char.add(category, "_topic"),
        sentiment=np.where(urgent, "negative", "neutral"),
        urgent=urgent,
        with_article=category != "returns",
        language=language,
    )


def perfect(labels: Labels) -> Outcomes:
    """Everything read rightly, everything with an article answered with it; probabilities that are honest of that."""
    rows = len(labels.language)
    return Outcomes(
        category=labels.category.copy(),
        category_probability=np.full(rows, 0.98),
        topic=labels.topic.copy(),
        sentiment=labels.sentiment.copy(),
        urgent=labels.urgent.copy(),
        article=np.where(labels.with_article, np.char.add("KB-", labels.category), ""),
        right=labels.with_article.copy(),
        resolution_probability=np.where(labels.with_article, 0.98, 0.02),
        answered=labels.with_article.copy(),
    )


def misread(outcomes: Outcomes, labels: Labels, rows: np.ndarray) -> Outcomes:
    """The same, with the category and topic of some rows taken for another, and handed over."""
    category = np.where(rows, "other", outcomes.category)
    topic = np.where(rows, "none", outcomes.topic)
    return replace(outcomes, category=category, topic=topic, answered=outcomes.answered & ~rows)


def trial(outcomes: Outcomes, **changes: object) -> Trial:
    thresholds = {name: Threshold(name, 0.6, 200, 2, 0.04) for name in CATEGORIES if name != "returns"}
    thresholds["returns"] = Threshold("returns", None, 0, 0, 1.0, labels_needed=59)
    made = Trial(
        bundle="b" * 12,
        encoder="tiny@1",
        index="i",
        outcomes=outcomes,
        thresholds=thresholds,
        latency_ms=1.0,
        bundle_bytes=8_000_000,
        encoder_bytes=14_000_000,
    )
    return replace(made, **changes)  # type: ignore[arg-type]

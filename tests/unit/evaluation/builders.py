"""Labelled tickets and readings whose figures can be worked out by hand."""

from __future__ import annotations

from data.schema import Category, Channel, LabelledTicket, Language, Sentiment, Split
from models.reading import Reading
from tests.unit.serving.orchestrator.fakes import reading as plain_reading

CATEGORIES = {
    "password_reset": Category.ACCOUNT,
    "refund_request": Category.RETURNS,
    "account_compromised": Category.ACCOUNT,
}
ARTICLES = {"password_reset": "KB001", "refund_request": "KB032", "account_compromised": None}


def ticket(
    topic: str = "password_reset",
    language: Language = Language.DE,
    channel: Channel = Channel.CHAT,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    urgent: bool = False,
    message: str = "Passwort vergessen",
) -> LabelledTicket:
    return LabelledTicket(
        id=f"{language}-test-{topic}",
        language=language,
        channel=channel,
        subject="",
        message=message,
        category=CATEGORIES[topic],
        topic=topic,
        article_id=ARTICLES[topic],
        sentiment=sentiment,
        urgent=urgent,
        split=Split.TEST,
        source="authored",
        pattern=f"{language}-test-{topic}",
    )


def reading(topic: str = "password_reset", sentiment: str = "neutral", urgent: float = 0.1) -> Reading:
    return plain_reading(category=str(CATEGORIES[topic]), topic=topic, sentiment=sentiment, urgent=urgent)

"""What a ticket and an article are: closed sets, and the two records everything is built from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages Firstline serves, ISO 639-1."""

    EN = "en"
    ES = "es"
    FR = "fr"
    DE = "de"
    JA = "ja"
    ZH = "zh"


UNDETERMINED = "und"
"""The language code (ISO 639-2) of text in none of the six languages."""


class Channel(StrEnum):
    """Where a ticket came in."""

    EMAIL = "email"
    CHAT = "chat"
    PHONE = "phone"
    SOCIAL_MEDIA = "social_media"
    SELF_SERVICE = "self_service"
    SMS = "sms"


class Category(StrEnum):
    """What a ticket is about."""

    TECHNICAL = "technical"
    BILLING = "billing"
    ACCOUNT = "account"
    PRODUCT_INFO = "product_info"
    SHIPPING = "shipping"
    RETURNS = "returns"
    COMPLAINT = "complaint"
    FEATURE_REQUEST = "feature_request"
    OTHER = "other"


class Sentiment(StrEnum):
    """How the customer sounds, from best to worst."""

    VERY_POSITIVE = "very_positive"
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    VERY_NEGATIVE = "very_negative"


class Split(StrEnum):
    """What a labelled ticket may be used for."""

    TRAIN = "train"
    CALIBRATION = "calibration"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Article:
    """One knowledge article in one language.

    Attributes:
        id: ``KB<nnn>``, the same in every language.
        topic: the finer label whose tickets it resolves; may be empty for a company's own articles.
        category: one of `Category`.
        title: one line.
        language: ISO 639-1 code.
        steps: what the customer does, in order; may be empty.
        body: Markdown around the steps.
        keywords: words customers use.
        tags: free labels.
    """

    id: str
    topic: str
    category: str
    title: str
    language: str
    steps: tuple[str, ...]
    body: str
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body's paragraphs and headings without Markdown marks."""
        parts = (part.strip().lstrip("# ").strip() for part in self.body.split("\n"))
        return tuple(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class LabelledTicket:
    """One ticket with its labels, as in ``corpus/tickets/*.jsonl`` (see ``data/README.md``).

    Attributes:
        pattern: id of the authored ticket this one was made from; its own id when authored.
    """

    id: str
    language: Language
    channel: Channel
    subject: str
    message: str
    category: Category
    topic: str
    article_id: str | None
    sentiment: Sentiment
    urgent: bool
    split: Split
    source: str
    pattern: str

    @property
    def text(self) -> str:
        """Subject and message as the models read them."""
        return join_text(self.subject, self.message)


def join_text(subject: str, message: str) -> str:
    """Returns what a model reads of a ticket: the subject, a line break, the message."""
    return f"{subject}\n{message}" if subject.strip() else message

"""What customers say afterwards, and what it means for the article that answered them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NpsBucket(StrEnum):
    """The three groups of the net promoter score."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


@dataclass(frozen=True, slots=True)
class ArticleOutcome:
    """Whether one automatic answer from an article helped; each language's version is judged by itself."""

    article_id: str
    language: str
    success: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """One customer's verdict on one ticket.

    Attributes:
        rating: 0 to 10.
        satisfied: whether it counts for CSAT.
        article_outcome: None where no article answered the ticket.
    """

    ticket_id: str
    rating: int
    feedback: str
    satisfied: bool
    nps: NpsBucket
    rated_at: datetime
    article_outcome: ArticleOutcome | None

"""Measures customer satisfaction: reads a rating, and lets the article that answered learn from it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from serving.domain.satisfaction import ArticleOutcome, NpsBucket, Rating
from serving.domain.ticket import Ticket
from serving.errors import RatingError
from serving.settings.desk import SatisfactionSettings
from serving.settings.policy import ArticleSuccessSettings

BEST_RATING = 10


class MeasureCustomerSatisfactionCustomerServiceAgent:
    """Turns ratings into CSAT, NPS and article success.

    PCF 7.x: 6.5.1 "Measure customer satisfaction with customer problems, requests, and inquiries handling"
    (10401) and 6.5.2 "Measure customer satisfaction with customer-complaint handling and resolution" (10402).
    """

    id: ClassVar[str] = "6.3"

    def __init__(self, scale: SatisfactionSettings, success: ArticleSuccessSettings) -> None:
        self._scale = scale
        self._success = success

    def rate(self, ticket: Ticket, rating: int, feedback: str, now: datetime) -> Rating:
        """Returns what a rating of `ticket` means.

        Raises:
            RatingError: the rating is not a whole number from 0 to 10.
        """
        if isinstance(rating, bool) or not isinstance(rating, int) or not 0 <= rating <= BEST_RATING:
            raise RatingError(f"rating must be a whole number from 0 to {BEST_RATING}, not {rating!r}")
        satisfied = rating >= self._scale.satisfied_from
        answered_by = ticket.article_id if ticket.attempts else None
        return Rating(
            ticket_id=ticket.id,
            rating=rating,
            feedback=feedback,
            satisfied=satisfied,
            nps=self._bucket(rating),
            rated_at=now,
            article_outcome=ArticleOutcome(answered_by, satisfied) if answered_by else None,
        )

    def learn(self, success_rate: float | None, success: bool) -> float:
        """Returns an article's success rate after one more outcome, an exponential moving average."""
        before = self._success.start if success_rate is None else success_rate
        return before + self._success.weight * (float(success) - before)

    def _bucket(self, rating: int) -> NpsBucket:
        if rating >= self._scale.promoter_from:
            return NpsBucket.PROMOTER
        return NpsBucket.PASSIVE if rating >= self._scale.passive_from else NpsBucket.DETRACTOR

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
        satisfied = self._satisfies(rating)
        return Rating(
            ticket_id=ticket.id,
            rating=rating,
            feedback=feedback,
            satisfied=satisfied,
            nps=self._bucket(rating),
            rated_at=now,
            article_outcome=_outcome(ticket, satisfied),
        )

    def learn(self, success_rate: float | None, success: bool) -> float:
        """Returns an article's success rate after one more outcome, an exponential moving average."""
        before = self._success.start if success_rate is None else success_rate
        return before + self._success.weight * (float(success) - before)

    def correct(self, success_rate: float, success: bool, mistaken: bool) -> float:
        """Returns an article's success rate after a customer's second thoughts.

        The step that the `mistaken` outcome made is taken back and the right one made in its place, so that
        nobody moves a rate further by rating one ticket again and again.
        """
        corrected = success_rate + self._success.weight * (float(success) - float(mistaken))
        return min(1.0, max(0.0, corrected))

    def relearn(self, success_rate: float | None, rating: int, replaced: int | None) -> float:
        """Returns an article's success rate after a rating of 0 to 10, which may replace an earlier one."""
        success = self._satisfies(rating)
        if success_rate is None or replaced is None:
            return self.learn(success_rate, success)
        return self.correct(success_rate, success, mistaken=self._satisfies(replaced))

    def _satisfies(self, rating: int) -> bool:
        return rating >= self._scale.satisfied_from

    def _bucket(self, rating: int) -> NpsBucket:
        if rating >= self._scale.promoter_from:
            return NpsBucket.PROMOTER
        return NpsBucket.PASSIVE if rating >= self._scale.passive_from else NpsBucket.DETRACTOR


def _outcome(ticket: Ticket, success: bool) -> ArticleOutcome | None:
    """Returns what a rating says about the article that answered, None where people did."""
    if not ticket.attempts or ticket.article_id is None or ticket.article_language is None:
        return None
    return ArticleOutcome(ticket.article_id, ticket.article_language, success)

"""A ticket that a person has labelled in part, after the models misread it: training text, never test text."""

from __future__ import annotations

from dataclasses import dataclass

from data.schema import join_text

FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class FeedbackTicket:
    """One corrected ticket; a label is None where nobody said what is right.

    Attributes:
        id: of the ticket.
        language: ISO 639-1 code, or ``und``.
        urgent: None, or whether it is.
    """

    id: str
    language: str
    subject: str
    message: str
    topic: str | None = None
    sentiment: str | None = None
    urgent: bool | None = None
    source: str = FEEDBACK

    @property
    def text(self) -> str:
        """Subject and message as the models read them."""
        return join_text(self.subject, self.message)

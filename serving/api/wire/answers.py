"""Bodies that callers get."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    class Field(BaseModel):
        """What is wrong with one field."""

        path: str
        message: str

    type: str
    title: str
    status: int
    detail: str
    errors: list[Field]


class Reason(BaseModel):
    """A code for programs and a sentence for people."""

    code: str
    sentence: str


class TicketCreated(BaseModel):
    """What the desk did with a new ticket."""

    ticket_id: str = Field(examples=["TKT-20250116123456-a1b2c3"])
    status: str = Field(examples=["resolved"])
    auto_resolved: bool
    resolution_time_seconds: float | None
    sla_compliant: bool
    category: str
    topic: str | None
    priority: str
    sentiment: str
    urgent: bool
    language: str
    queue: str | None
    article_id: str | None
    article_language: str | None
    reply: str | None = Field(description="What was sent to the customer.")
    reasons: list[Reason] = Field(description="Why it was answered, or why not.")
    first_response_due_at: datetime | None
    resolution_due_at: datetime | None
    created_at: datetime
    version: int


class TicketLine(BaseModel):
    """One ticket of a list."""

    ticket_id: str
    status: str
    auto_resolved: bool
    resolution_time_seconds: float | None
    sla_compliant: bool
    customer_id: str | None
    customer_tier: str
    channel: str
    subject: str
    category: str
    topic: str | None
    priority: str
    sentiment: str
    urgent: bool
    language: str
    queue: str | None
    assignee: str | None
    article_id: str | None
    article_language: str | None
    resolution_notes: str | None
    first_response_due_at: datetime | None
    resolution_due_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    source_id: str | None
    metadata: dict[str, Any]
    version: int


class TicketMessage(BaseModel):
    """One message of a conversation."""

    direction: str
    author: str
    body: str
    language: str
    at: datetime


class Satisfaction(BaseModel):
    """What the customer thought of the answer."""

    ticket_id: str
    rating: int
    feedback: str | None
    satisfied: bool
    at: datetime


class CorrectionTaken(BaseModel):
    """What a person corrected; `model_version` is that of the models that were wrong."""

    ticket_id: str
    agent: str
    category: str | None
    topic: str | None
    sentiment: str | None
    urgent: bool | None
    article_id: str | None
    no_article: bool
    note: str | None
    model_version: str | None
    index_version: str | None
    at: datetime


class CorrectionList(BaseModel):
    """Corrections, oldest first."""

    corrections: list[CorrectionTaken]


class TicketDetails(TicketLine):
    """One ticket with its conversation."""

    messages: list[TicketMessage]
    rating: int | None


class TicketPage(BaseModel):
    """Tickets, newest first."""

    tickets: list[TicketLine]
    next_cursor: str | None


class Classification(BaseModel):
    """What the models read in a text; `urgent_probability` is that of being urgent in both cases."""

    id: str | None
    language: str
    category: str
    category_probability: float
    topic: str
    topic_probability: float
    sentiment: str
    sentiment_probability: float
    urgent: bool
    urgent_probability: float
    categories: dict[str, float]
    out_of_scope: float
    model_version: str


class Article(BaseModel):
    """One article that the search found."""

    article_id: str
    language: str
    title: str
    score: float
    dense: float
    lexical: float


class Retrieval(BaseModel):
    """The nearest articles, best first."""

    id: str | None
    language: str
    articles: list[Article]
    index_version: str


class Resolution(BaseModel):
    """Whether the desk would answer, with which article and which words."""

    id: str | None
    language: str
    category: str
    decision: str
    article_id: str | None
    article_language: str | None
    resolution_probability: float
    threshold: float | None
    reply: str | None
    reasons: list[Reason]
    model_version: str
    index_version: str


class Routing(BaseModel):
    """Where the desk would send a ticket; `queue` is null where it would answer."""

    id: str | None
    language: str
    category: str
    decision: str
    queue: str | None
    rule: str | None
    priority: str
    reasons: list[Reason]
    notify: list[str]
    skills: list[str]
    first_response_due_at: datetime
    resolution_due_at: datetime


class Probable(BaseModel):
    """A label and its probability."""

    value: str
    probability: float


class TicketExplanation(BaseModel):
    """Why a ticket was handled as it was.

    `threshold` is what `probability` had to reach, null for never. `decision` holds the arithmetic of the
    priority, the reasons of the gate, and for a routed ticket the rule, the earlier rules that did not match,
    and the escalation.
    """

    ticket_id: str
    language: str
    category: Probable
    topic: Probable
    sentiment: Probable
    urgent: Probable
    categories: dict[str, float]
    out_of_scope: float
    proposals: list[Article]
    article_id: str | None
    article_language: str | None
    probability: float
    threshold: float | None
    decision: dict[str, Any]
    sla_bounds: list[dict[str, Any]]
    sla_from: str
    model_version: str
    index_version: str


class Health(BaseModel):
    """Whether the process works, and what it has open."""

    status: str
    parts: dict[str, str] = Field(default_factory=dict)

"""Bodies and queries that callers send."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from data.schema import Category, Channel, Language, Sentiment
from serving.domain.ticket import Priority, Status, Tier

MAX_MESSAGE = 100_000
MAX_SUBJECT = 1_000
MAX_METADATA_BYTES = 16_384
MAX_LIST = 256

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"\S")]
Line = Annotated[str, StringConstraints(max_length=MAX_SUBJECT)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=320)]
Notes = Annotated[str, StringConstraints(max_length=10_000)]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must hold more than white space")
    return text


def _small(metadata: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(orjson.dumps(metadata))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError("must be an object of plain JSON values, numbers of at most 64 bits") from error
    if size > MAX_METADATA_BYTES:
        raise ValueError(f"must be at most {MAX_METADATA_BYTES} bytes of JSON, not {size}")
    return metadata


Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE), AfterValidator(_not_blank)]
Metadata = Annotated[dict[str, Any], AfterValidator(_small)]

MESSAGE_EXAMPLE: dict[str, Any] = {
    "message": "Ich habe mein Passwort vergessen und komme nicht mehr in mein Konto.",
    "channel": "email",
    "language": "de",
}
TICKET_EXAMPLE: dict[str, Any] = {
    "customer_id": "CUST-001",
    "channel": "email",
    "subject": "Password reset request",
    "message": "I forgot my password and need to reset it.",
    "metadata": {"source": "web"},
}


class Body(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CreateTicket(Body):
    """A customer's message."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [TICKET_EXAMPLE]})

    customer_id: Identifier
    channel: Channel
    message: Text
    subject: Line = ""
    metadata: Metadata = Field(default_factory=dict)
    customer_name: Short | None = None
    customer_email: Short | None = None
    customer_tier: Tier = Tier.STANDARD
    language: Language | None = Field(None, description="Read from the message when it is not given.")
    source_id: Identifier | None = Field(
        None,
        description="The sender's own id of the message: the same one on the same channel is one ticket.",
    )


class ChangeTicket(Body):
    """A change of a ticket's status, with what was done about it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"status": "resolved", "resolution_notes": "Issue resolved via KB article KB001"}]
        },
    )

    status: Status
    resolution_notes: Notes = ""
    version: int | None = Field(
        None, ge=1, description="The version that was read; the change is refused if there is a newer one."
    )


class RateTicket(Body):
    """What the customer thought of the answer."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"rating": 9, "feedback": "Quick and helpful resolution!"}]},
    )

    rating: int = Field(ge=0, le=10, strict=True)
    feedback: Notes = ""


class CorrectTicket(Body):
    """The right labels of a ticket that the models misread; what is left out is not said."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"agent": "agent-7", "topic": "refund_status", "sentiment": "negative"}]
        },
    )

    agent: Identifier = Field(description="Who says so.")
    category: Category | None = None
    topic: Identifier | None = None
    sentiment: Sentiment | None = None
    urgent: bool | None = None
    article_id: Identifier | None = Field(None, description="The article that resolves it.")
    no_article: bool = Field(False, description="No article resolves it.")
    note: Notes = ""


class ListTickets(Body):
    """Which tickets to list, newest first."""

    status: Status | None = None
    category: Category | None = None
    channel: Channel | None = None
    priority: Priority | None = None
    language: Language | Literal["und"] | None = None
    queue: Identifier | None = None
    customer_id: Identifier | None = None
    auto_resolved: bool | None = None
    created_from: datetime | None = Field(None, description="Inclusive.")
    created_to: datetime | None = Field(None, description="Exclusive.")
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="`next_cursor` of the page before."
    )
    limit: int = Field(50, ge=1, le=200)


class Question(Body):
    """A text for the models, outside any ticket."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [MESSAGE_EXAMPLE]})

    message: Text
    subject: Line = ""
    id: Identifier | None = Field(None, description="Comes back in the answer.")
    language: Language | None = None
    channel: Channel = Channel.EMAIL
    customer_tier: Tier = Tier.STANDARD


Questions = Question | Annotated[list[Question], Field(min_length=1, max_length=MAX_LIST)]

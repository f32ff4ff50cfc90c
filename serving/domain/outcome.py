"""What the desk hands to the store: a ticket, its messages and events, and the explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from serving.domain.decision import Decision
from serving.domain.events import Event
from serving.domain.ticket import Message, Ticket


@dataclass(frozen=True, slots=True)
class Probable:
    """A label and its probability."""

    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """One article that the search found; `score` is the index's fused score, `dense` the cosine."""

    article_id: str
    language: str
    title: str
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class SlaBound:
    """One limit on the resolution time; the strictest of a ticket's wins."""

    name: str
    hours: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a ticket was handled as it was, JSON-ready through `plain` (or `orjson`, which knows dataclasses).

    Attributes:
        probability: that the article resolves the ticket; `threshold` what was asked, None for never.
        sla_bounds: every limit that applied to the resolution time; `sla_from` names the one that won.
    """

    language: str
    category: Probable
    topic: Probable
    sentiment: Probable
    urgent: Probable
    categories: Mapping[str, float]
    out_of_scope: float
    proposals: tuple[Proposal, ...]
    article_id: str | None
    article_language: str | None
    probability: float
    threshold: float | None
    decision: Decision
    sla_bounds: tuple[SlaBound, ...]
    sla_from: str
    model_version: str
    index_version: str

    def plain(self) -> dict[str, object]:
        """Returns the explanation as nested dictionaries and lists."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that is stored, in one transaction, for one handled message."""

    ticket: Ticket
    messages: tuple[Message, ...]
    events: tuple[Event, ...]
    decision: Decision
    explanation: Explanation

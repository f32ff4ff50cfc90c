"""What a desk does with labelled tickets, ticket by ticket, as columns that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.schema import LabelledTicket
from evaluation.replay import BATCH, as_incoming
from serving.domain.decision import Action
from serving.domain.outcome import Outcome
from serving.orchestrator.desk import Desk

Texts = NDArray[np.str_]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """One row a ticket, in the order of the tickets; every column is ``(n,)``.

    Attributes:
        category: as read, as are `topic`, `sentiment` and `urgent`.
        category_probability: of the category that was read.
        article: the best article's id, empty where there is none.
        right: whether that article is the one that resolves the ticket.
        resolution_probability: that it does, as the scorer says.
        answered: whether the desk answered by itself.
    """

    category: Texts
    category_probability: NDArray[np.float64]
    topic: Texts
    sentiment: Texts
    urgent: Flags
    article: Texts
    right: Flags
    resolution_probability: NDArray[np.float64]
    answered: Flags

    def __len__(self) -> int:
        return len(self.category)


def read_outcomes(desk: Desk, tickets: Sequence[LabelledTicket]) -> Outcomes:
    """Returns what `desk` does with each ticket, written by a customer of the standard tier."""
    found: list[Outcome] = []
    for start in range(0, len(tickets), BATCH):
        found += desk.handle([desk.accept(as_incoming(ticket)) for ticket in tickets[start : start + BATCH]])
    seen = [outcome.explanation for outcome in found]
    return Outcomes(
        category=np.array([row.category.value for row in seen], dtype=np.str_),
        category_probability=np.array([row.category.probability for row in seen], dtype=np.float64),
        topic=np.array([row.topic.value for row in seen], dtype=np.str_),
        sentiment=np.array([row.sentiment.value for row in seen], dtype=np.str_),
        urgent=np.array([row.urgent.value == "true" for row in seen], dtype=np.bool_),
        article=np.array([row.article_id or "" for row in seen], dtype=np.str_),
        right=np.array(
            [
                ticket.article_id is not None and row.article_id == ticket.article_id
                for ticket, row in zip(tickets, seen, strict=True)
            ],
            dtype=np.bool_,
        ),
        resolution_probability=np.array([row.probability for row in seen], dtype=np.float64),
        answered=np.array(
            [outcome.decision.action is Action.AUTO_RESOLVE for outcome in found], dtype=np.bool_
        ),
    )

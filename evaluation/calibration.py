"""Whether probabilities mean what they say: calibration error, Brier score and reliability of each head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.schema import LabelledTicket
from evaluation.metrics import brier_score, expected_calibration_error, reliability
from models.reading import Reading

Stated = tuple[float, bool]
"""A probability and whether what it speaks of came true."""


def _urgency(ticket: LabelledTicket, reading: Reading) -> Stated:
    return reading.urgent.probability, ticket.urgent


HEADS: Mapping[str, Callable[[LabelledTicket, Reading], Stated]] = {
    "category": lambda t, r: (r.category.probability, r.category.value == t.category),
    "topic": lambda t, r: (r.topic.probability, r.topic.value == t.topic),
    "sentiment": lambda t, r: (r.sentiment.probability, r.sentiment.value == t.sentiment),
    "urgency": _urgency,
}
"""What each head states: the probability of its best class; urgency states that of being urgent."""


def measure_calibration(tickets: Sequence[LabelledTicket], readings: Sequence[Reading]) -> dict[str, Any]:
    """Returns by head ``ece``, ``brier``, both again in ``by_language``, and ``reliability``.

    Reliability is a list of ``[mean stated probability, share that came true, tickets]``, lowest first.
    """
    languages = np.array([str(ticket.language) for ticket in tickets])
    report = {}
    for head in HEADS:
        stated, came_true = stated_probabilities(head, tickets, readings)
        report[head] = {
            **_figures(stated, came_true),
            "by_language": {
                str(language): _figures(stated[languages == language], came_true[languages == language])
                for language in np.unique(languages)
            },
            "reliability": [list(point) for point in reliability(stated, came_true)],
        }
    return report


def stated_probabilities(
    head: str, tickets: Sequence[LabelledTicket], readings: Sequence[Reading]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Returns what a head of `HEADS` states of each ticket, and whether it came true, each ``(n,)``."""
    pairs = [HEADS[head](ticket, reading) for ticket, reading in zip(tickets, readings, strict=True)]
    return np.array([stated for stated, _ in pairs]), np.array([true for _, true in pairs], dtype=np.bool_)


def _figures(stated: NDArray[np.float64], came_true: NDArray[np.bool_]) -> dict[str, float]:
    return {
        "ece": expected_calibration_error(stated, came_true),
        "brier": brier_score(stated, came_true),
    }

"""How far the resolution scorer can be trusted with labelled tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.schema import LabelledTicket
from evaluation.metrics import (
    area_under_risk_coverage,
    brier_score,
    coverage_at_precision,
    expected_calibration_error,
    share,
)
from models.thresholds import Threshold


def measure_ranking(
    tickets: Sequence[LabelledTicket], ranked: Sequence[Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Returns recall@1 and @3 by query language, over the tickets that an article resolves.

    Args:
        tickets: labelled tickets.
        ranked: for each, the article ids in the order of the desk.
    """
    report = {}
    for language in sorted({str(ticket.language) for ticket in tickets}):
        own = [
            (ticket.article_id, ids)
            for ticket, ids in zip(tickets, ranked, strict=True)
            if ticket.language == language and ticket.article_id is not None
        ]
        report[language] = {
            f"recall@{k}": float(np.mean([article in ids[:k] for article, ids in own])) for k in (1, 3)
        }
    return report


def measure_answers(
    tickets: Sequence[LabelledTicket],
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    categories: Sequence[str],
    thresholds: Mapping[str, Threshold],
) -> dict[str, Any]:
    """Returns the figures of the scorer and of answering at its thresholds, before any other gate."""
    limits = [thresholds[name].value if name in thresholds else None for name in categories]
    answered = np.array(
        [limit is not None and p >= limit for limit, p in zip(limits, probabilities, strict=True)]
    )
    resolvable = np.array([ticket.article_id is not None for ticket in tickets])
    return {
        "tickets": len(tickets),
        "with_an_article": int(resolvable.sum()),
        "answered": asdict(share(int(answered.sum()), len(tickets))),
        "answered_right": asdict(share(int(right[answered].sum()), int(answered.sum()))),
        "recall_at_1": float(right[resolvable].mean()),
        "aurc": area_under_risk_coverage(probabilities, right),
        "coverage_at_95_precision": coverage_at_precision(probabilities, right),
        "ece": expected_calibration_error(probabilities, right),
        "brier": brier_score(probabilities, right),
    }

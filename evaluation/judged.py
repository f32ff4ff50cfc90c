"""Replayed tickets as thresholds are chosen on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.calibration_parts import is_tuning
from evaluation.replay import Replayed
from models.threshold_choice import JudgedTickets


def judge_replayed(rows: Sequence[Replayed]) -> JudgedTickets:
    """Returns category as read, probability of the best article, and whether it is right."""
    seen = [row.outcome.explanation for row in rows]
    return JudgedTickets(
        np.array([found.category.value for found in seen], dtype=np.str_),
        np.array([found.probability for found in seen], dtype=np.float64),
        np.array([row.right for row in rows], dtype=np.bool_),
    )


def divide_judged(rows: Sequence[Replayed]) -> tuple[JudgedTickets, JudgedTickets]:
    """Returns the tuning and the certifying tickets, divided as training divides them."""
    tuning = np.array([is_tuning(row.ticket.pattern) for row in rows], dtype=np.bool_)
    judged = judge_replayed(rows)
    return judged.take(tuning), judged.take(~tuning)

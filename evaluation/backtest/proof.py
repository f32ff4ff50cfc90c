"""What a company's labels prove about a category, and how many more would be needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.threshold_choice import GRID
from models.thresholds import Bound, upper_bound

MOST_LABELS = 1_000_000


class Standing(StrEnum):
    """What the labelled answers of a category say about the promise."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class Proof:
    """The evidence for one category at its threshold.

    Attributes:
        labelled: labelled tickets of the category; `answers` of them would have been answered, `wrong` wrongly.
        bound: upper bound of the wrong share, at the confidence of the promise.
        missing: further labelled tickets of the category that would prove the promise if answers stay as good as
            they are; None where it is proven, or where more labels would not prove it.
        at_least: whether `missing` supposes that no answer will be wrong, for want of labelled answers.
    """

    standing: Standing
    labelled: int
    answers: int
    wrong: int
    bound: float
    missing: int | None
    at_least: bool


def prove(
    right: NDArray[np.bool_], answered: NDArray[np.bool_], expected_share: float, bound: Bound
) -> Proof:
    """Returns what labelled tickets of one category prove.

    Args:
        right: of each labelled ticket, whether the best article is the one that solved it.
        answered: whether it would have been answered.
        expected_share: of all tickets of the category that would be answered; used where no label is there.
        bound: what is promised.
    """
    labelled, answers = len(right), int(answered.sum())
    wrong = int((answered & ~right).sum())
    limit = upper_bound(wrong, answers, bound.confidence)
    if limit <= bound.wrong_share:
        return Proof(Standing.PROVEN, labelled, answers, wrong, limit, None, at_least=False)
    # At least so many are wrong, with the same confidence: the promise cannot be kept.
    surely_wrong = 1 - upper_bound(answers - wrong, answers, bound.confidence) if wrong else 0.0
    standing = Standing.CONTRADICTED if surely_wrong > bound.wrong_share else Standing.UNPROVEN
    rate = wrong / answers if answers else 0.0
    needed = answers_needed(rate, bound)
    answer_share = answers / labelled if answers else expected_share
    missing = None
    if needed is not None and answer_share > 0:
        missing = max(1, math.ceil((needed - answers) / answer_share))
    return Proof(standing, labelled, answers, wrong, limit, missing, at_least=answers == 0)


def answers_needed(rate: float, bound: Bound) -> int | None:
    """Returns how many labelled answers of the wrong share `rate` prove the bound; None where none would."""
    if rate >= bound.wrong_share:
        return None
    low, high = 1, MOST_LABELS
    while low < high:
        size = (low + high) // 2
        if upper_bound(math.ceil(rate * size), size, bound.confidence) <= bound.wrong_share:
            high = size
        else:
            low = size + 1
    return low if low < MOST_LABELS else None


def expected_threshold(probabilities: NDArray[np.float32], wrong_share: float) -> float | None:
    """Returns the lowest threshold above which the models themselves expect at most `wrong_share` to be wrong.

    No label is looked at, so labels may judge it afterwards without a correction.
    """
    fitting = [
        value
        for value in GRID
        if (above := probabilities[probabilities >= value]).size and 1 - float(above.mean()) <= wrong_share
    ]
    return min(fitting) if fitting else None

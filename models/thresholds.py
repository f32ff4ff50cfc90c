"""Thresholds that bound the share of wrong automatic answers, with confidence: what they are and what they promise.

How they are chosen is in `models.threshold_choice`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv

POOLED = "*"


@dataclass(frozen=True, slots=True)
class Bound:
    """What is promised of automatic answers.

    Attributes:
        wrong_share: at most this share of the automatic answers is wrong ...
        confidence: ... with this confidence.
    """

    wrong_share: float = 0.05
    confidence: float = 0.95

    def holds(self, wrong: ArrayLike, accepted: ArrayLike) -> NDArray[np.bool_]:
        """Returns where the Clopper–Pearson upper bound of answers is within the promised share."""
        proven = bdtr(wrong, accepted, self.wrong_share) <= 1 - self.confidence
        return np.asarray(proven & (np.less(wrong, accepted)), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of one category, and the evidence for it.

    The promise: over the draw of the certifying tickets, with the confidence of the `Bound`, at most its share of
    the tickets like them that are read as `category` and reach `value` get a wrong article. Where `pooled`, that
    is promised of the categories that share the threshold taken together, not of each.

    Attributes:
        category: as the models read it, not as it is labelled.
        value: answer iff the probability is at least this; None means never.
        accepted: certifying tickets at or above `value`; where it is None, at the threshold that came nearest.
        wrong: of those, the wrong ones.
        upper_bound: Clopper–Pearson bound of the wrong share among the accepted.
        pooled: whether the evidence is shared with other categories.
        labels_needed: further labelled calibration tickets of the category (of all that share, where pooled) that
            would make a threshold feasible at the observed error, or None where it is feasible, or where more
            labels would not help.
    """

    category: str
    value: float | None
    accepted: int
    wrong: int
    upper_bound: float
    pooled: bool = False
    labels_needed: int | None = None


def upper_bound(wrong: int, accepted: int, confidence: float) -> float:
    """Returns the one-sided Clopper–Pearson (1934) upper bound of an error rate; 1.0 without a trial."""
    if accepted == 0 or wrong >= accepted:
        return 1.0
    return float(betaincinv(wrong + 1, accepted - wrong, confidence))

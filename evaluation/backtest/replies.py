"""What human replies say about the article: weak labels, and how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.backtest.labels import UNLABELLED
from evaluation.backtest.survey import Survey
from evaluation.metrics import Interval, share

LEAST_GAP = 0.08
DEFAULT_BAR = 0.75
BARS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85)
LEAST_AGREEMENT = 0.9
"""Lower bound of the agreement with true labels that a bar must have to be used instead of the default."""
LEAST_CHECKED = 30


@dataclass(frozen=True)
class ReplyLabels:
    """The article that each human reply points to.

    Attributes:
        article: number of the article, `UNLABELLED` where the reply points to none.
        bar: least cosine of a reply that names no article with the one it resembles.
        validated: whether the bar was chosen on tickets whose article is known, too.
        check: agreement of these labels with the known articles.
    """

    article: NDArray[np.int32]
    bar: float
    validated: bool
    check: Interval
    checked: int


def read_replies(found: Survey, judged: NDArray[np.void]) -> ReplyLabels:
    """Returns the weak labels: the article that a reply names, else the one it clearly resembles."""
    resembles = (judged["similar"] >= 0) & (judged["gap"] >= LEAST_GAP)
    bar = _choose_bar(found, judged, resembles)
    clear = resembles & (judged["similarity"] >= (DEFAULT_BAR if bar is None else bar))
    article = np.where(clear, judged["similar"], np.int32(UNLABELLED)).astype(np.int32)
    article = np.where(found.mentioned != UNLABELLED, found.mentioned, article)
    both = (article != UNLABELLED) & found.labelled & ~found.repeated
    agree = int((article[both] == found.truth[both]).sum())
    checked = int(both.sum())
    return ReplyLabels(
        article, DEFAULT_BAR if bar is None else bar, bar is not None, share(agree, checked), checked
    )


def _choose_bar(found: Survey, judged: NDArray[np.void], resembles: NDArray[np.bool_]) -> float | None:
    """Returns the lowest bar that agrees with the known articles, None where too few are known."""
    rows = resembles & found.labelled & ~found.repeated & (found.mentioned == UNLABELLED)
    right = judged["similar"] == found.truth
    for bar in BARS:
        kept = rows & (judged["similarity"] >= bar)
        count = int(kept.sum())
        if count >= LEAST_CHECKED and share(int(right[kept].sum()), count).low >= LEAST_AGREEMENT:
            return bar
    return None

"""Which training texts are held out to choose the blend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Folds = list[NDArray[np.intp]]
"""Row numbers held out in turn."""


def deal_folds(targets: NDArray[np.intp], folds: int, held_out: int, seed: int) -> Folds:
    """Returns as many of `folds` parts as hold `held_out` rows together, every class dealt out evenly.

    A class with a single row is never held out; there may be no part at all.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(targets))
    order = order[np.argsort(targets[order], kind="stable")]
    sorted_targets = targets[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_targets, sorted_targets)
    alone = np.bincount(targets)[sorted_targets] == 1
    # The offset by class keeps the parts of one size where classes have fewer rows than there are parts.
    part = np.where(alone, folds, (place + sorted_targets) % folds)
    dealt = [np.sort(order[part == number]) for number in range(folds)]
    dealt = [rows for rows in dealt if len(rows)]
    sizes = np.cumsum([len(rows) for rows in dealt])
    return dealt[: int(np.searchsorted(sizes, held_out)) + 1]


def leave_language_out(languages: NDArray[np.str_]) -> Folds:
    """Returns the rows of the language with the fewest, so that views are judged on one they have not seen."""
    names, counts = np.unique(languages, return_counts=True)
    return [np.flatnonzero(languages == names[counts.argmin()])]

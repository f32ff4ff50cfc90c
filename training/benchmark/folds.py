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


def group_rows(groups: NDArray[np.str_], languages: NDArray[np.str_]) -> NDArray[np.intp]:
    """Returns the number of each row's group; every row is its own where groups do not look like translations.

    A translation of a held-out text must not be trained on: a multilingual embedding would seem to know everything.

    Args:
        groups: as the set names them, empty where it does not.
        languages: of the rows.
    """
    names, numbers = np.unique(groups, return_inverse=True)
    if len(names) * len(np.unique(languages)) < len(groups):  # more rows a group than there are languages
        return np.arange(len(groups))
    return np.asarray(numbers, dtype=np.intp)


def deal_groups(
    targets: NDArray[np.intp], groups: NDArray[np.intp], folds: int, held_out: int, seed: int
) -> Folds:
    """Returns `deal_folds` with all rows of a group in one part.

    Args:
        targets: the class of each row.
        groups: the group of each row, numbered from 0.
        folds: into how many parts the rows are cut.
        held_out: how many rows are held out, about.
        seed: of the dealing.
    """
    _, firsts = np.unique(groups, return_index=True)
    wanted = max(1, held_out * len(firsts) // len(groups))
    dealt = deal_folds(targets[firsts], folds, wanted, seed)
    return [np.flatnonzero(np.isin(groups, groups[firsts[part]])) for part in dealt]


def leave_language_out(languages: NDArray[np.str_]) -> Folds:
    """Returns the rows of the language with the fewest, so that views are judged on one they have not seen."""
    names, counts = np.unique(languages, return_counts=True)
    return [np.flatnonzero(languages == names[counts.argmin()])]

"""How well a score tells texts that are out of scope from the others; higher means further out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

RECALL = 0.95
NAN = float("nan")


def auroc(scores: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Returns the chance that a positive row scores above a negative one, ties half; NaN without both."""
    found = int(positive.sum())
    others = len(positive) - found
    if not found or not others:
        return NAN
    ranks = rankdata(scores)[positive].sum()
    return float((ranks - found * (found + 1) / 2) / (found * others))


def aupr(scores: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Returns the area under precision and recall: average precision, tied rows together; NaN without a positive."""
    if not positive.any():
        return NAN
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    found = np.cumsum(positive[order])[last_of_ties]
    steps = np.diff(found, prepend=0) / found[-1]
    return float(np.sum(steps * found / (last_of_ties + 1)))


def false_positive_rate_at(
    scores: NDArray[Any], positive: NDArray[np.bool_], recall: float = RECALL
) -> float:
    """Returns the share of negative rows at or above the highest score that finds `recall` of the positive ones.

    NaN without both kinds of rows.
    """
    if not positive.any() or positive.all():
        return NAN
    of_positive = np.sort(scores[positive])[::-1]
    limit = of_positive[math.ceil(recall * len(of_positive) - 1e-9) - 1]
    return float(np.mean(scores[~positive] >= limit))


def measure_novelty(
    scores: NDArray[Any], out_of_scope: NDArray[np.bool_], languages: Sequence[str] = ()
) -> dict[str, Any]:
    """Returns ``auroc``, ``aupr_out`` and ``fpr95`` (out of scope is the positive class), again ``by_language``.

    ``fpr95`` is the share of in-scope texts that are held back where 95 % of those out of scope are. A figure that
    the rows cannot give is None.

    Args:
        scores: ``(n,)``, higher is further out.
        out_of_scope: ``(n,)``, the truth.
        languages: of the rows, or nothing.
    """
    report: dict[str, Any] = _figures(scores, out_of_scope)
    names = np.array(languages)
    if len(names):
        report["by_language"] = {
            str(name): _figures(scores[names == name], out_of_scope[names == name])
            for name in np.unique(names)
        }
    return report


def _figures(scores: NDArray[Any], out_of_scope: NDArray[np.bool_]) -> dict[str, float | int | None]:
    figures = {
        "auroc": auroc(scores, out_of_scope),
        "aupr_out": aupr(scores, out_of_scope),
        "fpr95": false_positive_rate_at(scores, out_of_scope),
    }
    known = {name: None if math.isnan(value) else value for name, value in figures.items()}
    return {"texts": len(scores), "out_of_scope": int(out_of_scope.sum()), **known}

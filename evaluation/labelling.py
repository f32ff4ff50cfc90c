"""Figures of a text classifier on a public set: in-scope rows, languages, and what is out of scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.public_sets import OUT_OF_SCOPE, LabelledText
from evaluation.bootstrap import bootstrap_interval, bootstrap_mean
from evaluation.metrics import Interval
from evaluation.novelty import auroc, false_positive_rate_at


@dataclass(frozen=True)
class Labelling:
    """Rows and what was said of them.

    Attributes:
        truth: the label of each row, ``oos`` where it is out of scope.
        predicted: likewise; ``oos`` where the row was refused.
        nearest: the best label had nothing been refused.
        languages: of each row.
        strangeness: ``(n,)``, higher is further out of scope.
    """

    truth: NDArray[np.str_]
    predicted: NDArray[np.str_]
    nearest: NDArray[np.str_]
    languages: NDArray[np.str_]
    strangeness: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        rows: Sequence[LabelledText],
        predicted: Sequence[str],
        nearest: Sequence[str],
        strangeness: NDArray[np.float64],
    ) -> Labelling:
        """Returns the rows beside what a head said of them."""
        truth = np.array([row.label for row in rows])
        languages = np.array([row.language for row in rows])
        return cls(truth, np.array(predicted), np.array(nearest), languages, strangeness)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which rows are in scope."""
        return np.asarray(self.truth != OUT_OF_SCOPE)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Labelling:
        """Returns some of the rows."""
        return Labelling(
            self.truth[rows],
            self.predicted[rows],
            self.nearest[rows],
            self.languages[rows],
            self.strangeness[rows],
        )

    def by_language(self) -> dict[str, Labelling]:
        """Returns the rows in scope of each language."""
        found = self.take(self.inside)
        return {str(name): found.take(found.languages == name) for name in np.unique(found.languages)}

    def accuracy(self) -> float:
        """Returns the share of in-scope rows with the right label; a refused one is wrong."""
        return float(self._right().mean())

    def accuracy_interval(self) -> Interval:
        """Returns the accuracy with its bootstrap interval."""
        return bootstrap_mean(self._right())

    def macro_f1(self) -> float:
        """Returns the mean F1 of the labels of in-scope rows."""
        return macro_f1_of_codes(*self._codes())

    def macro_f1_interval(self) -> Interval:
        """Returns the macro F1 with its bootstrap interval."""
        truth, predicted, classes = self._codes()
        return bootstrap_interval(
            lambda rows: macro_f1_of_codes(truth[rows], predicted[rows], classes), len(truth)
        )

    def _right(self) -> NDArray[np.bool_]:
        found = self.take(self.inside)
        return np.asarray(found.predicted == found.truth)

    def _codes(self) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
        found = self.take(self.inside)
        classes, codes = np.unique(np.concatenate([found.truth, found.predicted]), return_inverse=True)
        return codes[: len(found.truth)], codes[len(found.truth) :], len(classes)


def macro_f1_of_codes(truth: NDArray[np.intp], predicted: NDArray[np.intp], classes: int) -> float:
    """Returns the mean F1 over the classes that occur in `truth`; NaN without a row."""
    actual, guessed = np.bincount(truth, minlength=classes), np.bincount(predicted, minlength=classes)
    both = np.bincount(truth[truth == predicted], minlength=classes)
    there = actual > 0
    if not there.any():
        return float("nan")
    return float(np.mean(2 * both[there] / (actual + guessed)[there]))


def figures_of(found: Labelling) -> dict[str, Any]:
    """Returns the figures of one split as JSON holds them.

    ``accuracy`` and ``macro_f1`` are of in-scope rows, and a refused one counts as wrong, as in Larson et al. 2019.
    ``oos_recall`` is the share of out-of-scope rows that are refused, ``oos_fpr95`` the share of them that passes where
    95 % of the in-scope rows pass (false positive rate at 95 % true positive rate, in scope being positive).
    """
    languages = found.by_language()
    figures: dict[str, Any] = {"rows": int(found.inside.sum()), **_scores(found)} if languages else {}
    figures["by_language"] = {name: _scores(rows) for name, rows in languages.items()}
    return figures | _out_of_scope(found)


def _scores(found: Labelling) -> dict[str, float]:
    return {"accuracy": found.accuracy(), "macro_f1": found.macro_f1()}


def _out_of_scope(found: Labelling) -> dict[str, Any]:
    outside = ~found.inside
    if not outside.any():
        return {}
    refused = found.predicted == OUT_OF_SCOPE
    figures: dict[str, Any] = {"oos_rows": int(outside.sum()), "oos_recall": float(refused[outside].mean())}
    if found.inside.any():
        kept = found.take(found.inside)
        figures |= {
            "oos_fpr95": false_positive_rate_at(-found.strangeness, found.inside),
            "oos_auroc": auroc(found.strangeness, outside),
            "in_scope_refused": float(refused[found.inside].mean()),
            "accuracy_without_refusal": float((kept.nearest == kept.truth).mean()),
        }
    return figures

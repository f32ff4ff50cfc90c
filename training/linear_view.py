"""Fits a view by multinomial logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.heads import LinearView


def fit_linear_view(
    matrix: Any, labels: Sequence[str], strength: float, balanced: bool, max_iterations: int = 100
) -> LinearView:
    """Returns a view on `matrix` ``(n, features)``, dense or sparse; its classes are the sorted labels.

    Args:
        matrix: the features.
        labels: of each row.
        strength: inverse regularisation (scikit-learn's ``C``).
        balanced: whether rare classes weigh as much as frequent ones.
        max_iterations: of L-BFGS; stopping early is part of the regularisation.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=strength, max_iter=max_iterations, tol=1e-3, class_weight="balanced" if balanced else None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, labels)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:  # of two classes scikit-learn keeps one column
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return LinearView(np.ascontiguousarray(weights, dtype=np.float32), np.asarray(bias, dtype=np.float32))

"""Fits the light heads: two logistic regressions, their share, and a temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix

from models.heads import Features, Head, join_views


@dataclass(frozen=True)
class HeadConfig:
    """How a head is fitted.

    Attributes:
        dense_strength: inverse regularisation of the view on the embedding (scikit-learn's ``C``).
        ngram_strength: the same of the view on n-grams.
        shares: weights of the dense view that are tried on the calibration split.
    """

    dense_strength: float = 20.0
    ngram_strength: float = 10.0
    shares: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7)
    balanced: bool = False
    max_iterations: int = 100
    seed: int = 13


@dataclass(frozen=True)
class Views:
    """Both fitted views of one head, before they are joined."""

    labels: tuple[str, ...]
    dense_weights: NDArray[np.float32]
    dense_bias: NDArray[np.float32]
    ngram_weights: NDArray[np.float32]
    ngram_bias: NDArray[np.float32]

    def logits(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns the logits of both views, each ``(n, classes)``."""
        dense = features.dense @ self.dense_weights + self.dense_bias
        return dense, features.ngrams @ self.ngram_weights + self.ngram_bias


def fit_views(features: Features, labels: Sequence[str], config: HeadConfig) -> Views:
    """Returns both views fitted on `features`; the order of the labels is alphabetical."""
    dense = _fit(features.dense, labels, config.dense_strength, config)
    ngrams = _fit(features.ngrams, labels, config.ngram_strength, config)
    return Views(tuple(sorted(set(labels))), *dense, *ngrams)


def join(
    views: Views, features: Features, labels: Sequence[str], config: HeadConfig, share: float | None = None
) -> Head:
    """Returns the head whose share and temperature are best on held-out `features`.

    Args:
        views: both fitted views.
        features: of texts the views have not seen.
        labels: of those texts.
        config: the shares to try.
        share: fixes the share; only the temperature is then fitted.
    """
    dense, ngrams = views.logits(features)
    target = np.array([views.labels.index(label) for label in labels])
    tried = (share,) if share is not None else config.shares
    fitted = [(*_temperature(dense, ngrams, target, value), value) for value in tried]
    _, temperature, best = min(fitted)
    return Head(
        labels=views.labels,
        dense_weights=views.dense_weights,
        dense_bias=views.dense_bias,
        ngram_weights=views.ngram_weights,
        ngram_bias=views.ngram_bias,
        share=best,
        temperature=temperature,
    )


def _temperature(
    dense: NDArray[np.float32], ngrams: NDArray[np.float32], target: NDArray[np.intp], share: float
) -> tuple[float, float]:
    """Returns negative log-likelihood and the temperature that minimises it (Guo et al. 2017)."""
    rows = np.arange(len(target))

    def loss(log_temperature: float) -> float:
        return -float(join_views(dense, ngrams, share, float(np.exp(log_temperature)))[rows, target].mean())

    found = minimize_scalar(loss, bounds=(-3.0, 2.0), method="bounded")
    return float(found.fun), float(np.exp(found.x))


def _fit(
    matrix: NDArray[np.float32] | csr_matrix, labels: Sequence[str], strength: float, config: HeadConfig
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=strength,
        max_iter=config.max_iterations,
        tol=1e-3,
        class_weight="balanced" if config.balanced else None,
        random_state=config.seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # early stopping is part of the regularisation
        model.fit(matrix, labels)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:  # two classes: one column of logits becomes two
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return np.ascontiguousarray(weights, dtype=np.float32), np.asarray(bias, dtype=np.float32)

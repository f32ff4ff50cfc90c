"""What a head is, and the light kind: linear views of a text, joined by weighted mean log-probability.

A light head's prediction is a few matrix products on stored weights; no scikit-learn and no torch is needed to
serve. The other kind is in `models.fine_tuned_head`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.features import Features, View


class Head(Protocol):
    """A trained, calibrated classifier of texts."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the columns."""
        ...

    def log_probabilities(self, features: Features) -> NDArray[np.float32]:
        """Returns ``(n, classes) float32`` calibrated log-probabilities."""
        ...


@dataclass(frozen=True)
class LinearView:
    """A linear classifier on one view of a text.

    Attributes:
        weights: ``(features, classes) float32``.
        bias: ``(classes,) float32``.
        share: weight of this view's log-probability; the shares of a head sum to one.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    share: float = 1.0

    def logits(self, features: Features, view: View) -> NDArray[np.float32]:
        """Returns ``(n, classes)``."""
        return np.asarray(features.matrix(view) @ self.weights + self.bias, dtype=np.float32)


@dataclass(frozen=True)
class LightHead:
    """A linear classifier on several views.

    Attributes:
        labels: the classes, in the order of the columns.
        views: what it reads of a text.
        temperature: divides the joined log-probabilities (Guo et al. 2017).
    """

    labels: tuple[str, ...]
    views: Mapping[View, LinearView]
    temperature: float = 1.0

    def log_probabilities(self, features: Features) -> NDArray[np.float32]:
        """Returns ``(n, classes) float32`` calibrated log-probabilities."""
        return log_softmax(self.joined(features) / self.temperature)

    def joined(self, features: Features) -> NDArray[np.float32]:
        """Returns the views' mean log-probability, ``(n, classes)``, before the temperature."""
        joined = np.zeros((len(features), len(self.labels)), dtype=np.float32)
        for name, view in self.views.items():
            joined += view.share * log_softmax(view.logits(features, name))
        return joined


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns row-wise log-probabilities of ``(n, classes)`` logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)

"""Joining views: a scale for each, the share of each, and a temperature, chosen on texts held out of training."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from models.heads import log_softmax
from training.benchmark.views import ViewName

Logits = Mapping[ViewName, NDArray[np.float32]]
STEPS = 10


@dataclass(frozen=True)
class Blend:
    """How the logits of views become one.

    Attributes:
        scales: what each view's logits are multiplied by before they are log-probabilities.
        shares: weight of each view's log-probability; they sum to one.
        temperature: divides the mean (Guo et al. 2017).
    """

    scales: Mapping[ViewName, float]
    shares: Mapping[ViewName, float]
    temperature: float = 1.0

    @classmethod
    def alone(cls, view: ViewName, scale: float = 1.0) -> Blend:
        """Returns the blend of one view."""
        return cls({view: scale}, {view: 1.0})

    def log_probabilities(self, logits: Logits) -> NDArray[np.float32]:
        """Returns ``(n, classes) float32``."""
        parts = [
            np.float32(share) * log_softmax(logits[name] * np.float32(self.scales[name]))
            for name, share in self.shares.items()
            if share
        ]
        return log_softmax(_add(parts) / np.float32(self.temperature))


def fit_blend(logits: Logits, targets: NDArray[np.intp]) -> Blend:
    """Returns the blend that gives the classes of held-out texts the highest likelihood."""
    scales = {name: 1 / _fit_temperature(found, targets)[1] for name, found in logits.items()}
    logs = {name: log_softmax(found * np.float32(scales[name])) for name, found in logits.items()}

    def join(shares: Sequence[float]) -> NDArray[np.float32]:
        parts = [np.float32(share) * found for share, found in zip(shares, logs.values(), strict=True)]
        return _add(parts)

    _, temperature, shares = min(
        (*_fit_temperature(join(shares), targets), shares) for shares in _simplex(len(logs))
    )
    return Blend(scales, dict(zip(logs, shares, strict=True)), temperature)


def _add(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.asarray(np.sum(parts, axis=0), dtype=np.float32)


def _simplex(size: int) -> Iterator[tuple[float, ...]]:
    for counts in itertools.product(range(STEPS + 1), repeat=size):
        if sum(counts) == STEPS:
            yield tuple(count / STEPS for count in counts)


def _fit_temperature(logits: NDArray[np.float32], targets: NDArray[np.intp]) -> tuple[float, float]:
    """Returns the mean negative log-likelihood and the temperature that minimises it."""
    rows = np.arange(len(targets))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.float32(np.exp(log_temperature)))[rows, targets].mean())

    found = minimize_scalar(loss, bounds=(-5.0, 3.0), method="bounded", options={"xatol": 1e-2})
    return float(found.fun), float(np.exp(found.x))

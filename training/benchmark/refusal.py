"""What a head refuses to label: texts that are out of scope.

Two signs are joined: the head's own doubt (the entropy of its probabilities), and the distance to the nearest prototype
of a label (`training.novelty`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.novelty import Novelty
from training.benchmark.blend import Blend
from training.benchmark.fitting import Trial
from training.benchmark.texts import TextBatch
from training.novelty import fit_novelty

ENOUGH_STRANGERS = 30
REFUSED = 0.005
"""Share of the held-out texts with a right label that the threshold gives up."""


@dataclass(frozen=True)
class Refusal:
    """The out-of-scope score of a head.

    Attributes:
        mean, scale: ``(2,)``, of the signs on held-out texts in scope; `weights` ``(2,)`` of the signs so standardised.
        threshold: texts that score higher are refused.
    """

    novelty: Novelty
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    threshold: float

    def score(self, embedding: NDArray[np.float32], logs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Returns ``(n,)``, higher is further out of scope.

        Args:
            embedding: ``(n, dim)`` unit or zero rows.
            logs: ``(n, classes)`` log-probabilities of the head.
        """
        return (_signs(self.novelty, embedding, logs) - self.mean) / self.scale @ self.weights


def fit_refusal(
    batch: TextBatch, targets: NDArray[np.intp], trial: Trial, blend: Blend, strangers: TextBatch
) -> Refusal:
    """Returns the score, with its threshold chosen on texts held out of training.

    Args:
        batch: training texts in scope.
        targets: the class of each.
        trial: what the views say of the held-out ones, and of `strangers`.
        blend: joins the views.
        strangers: training texts out of scope; where there are few, both signs weigh the same.
    """
    names = [str(target) for target in targets]
    held_out = fit_novelty(batch.embedding[trial.fitted_on], [names[row] for row in trial.fitted_on])
    logs = blend.log_probabilities(trial.logits)[: trial.first]
    inside = _signs(held_out, batch.embedding[trial.rows[: trial.first]], logs)
    mean, scale = inside.mean(axis=0), np.maximum(inside.std(axis=0), 1e-9)
    weights = np.ones(2) / 2
    if len(strangers) >= ENOUGH_STRANGERS:
        outside = _signs(held_out, strangers.embedding, blend.log_probabilities(trial.stranger_logits))
        weights = _fit_weights((inside - mean) / scale, (outside - mean) / scale)
    right = logs.argmax(axis=1) == trial.targets[: trial.first]
    scores = (inside - mean) / scale @ weights
    threshold = float(np.quantile(scores[right] if right.any() else scores, 1 - REFUSED))
    return Refusal(fit_novelty(batch.embedding, names), mean, scale, weights, threshold)


def _signs(
    novelty: Novelty, embedding: NDArray[np.float32], logs: NDArray[np.float32]
) -> NDArray[np.float64]:
    entropy = -(np.exp(logs) * logs).sum(axis=1)
    return np.stack([entropy, novelty.score(embedding)], axis=1).astype(np.float64)


def _fit_weights(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    labels = np.concatenate([np.zeros(len(inside)), np.ones(len(outside))])
    model = LogisticRegression(C=0.1, class_weight="balanced").fit(np.concatenate([inside, outside]), labels)
    return np.asarray(np.maximum(model.coef_[0], 0), dtype=np.float64)

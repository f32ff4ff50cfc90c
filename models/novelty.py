"""How far a text is from everything the training tickets speak of.

The score stands beside the class probabilities: a head that must choose among known topics can be sure of one, and
the text still be about something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOREIGN_WEIGHT = 0.5
"""What nearness to a foreign text counts for, beside nearness to a known one."""


@dataclass(frozen=True)
class Novelty:
    """Distance to the nearest known prototype, less so the nearer a foreign one is.

    Cosines are taken where the spread within a topic is the same in every direction, as Mahalanobis distance does
    (Podolskiy et al. 2021), and to several prototypes a topic, as a nearest neighbour would (see
    ``evaluation/LOG.md`` for the comparison).

    Attributes:
        whitening: ``(dim, dim) float32``, multiplied from the right.
        known: ``(prototypes, dim) float32`` unit rows, whitened, some for each topic.
        foreign: ``(prototypes, dim)`` of texts known to be out of scope; there may be none.
    """

    whitening: NDArray[np.float32]
    known: NDArray[np.float32]
    foreign: NDArray[np.float32]

    def score(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n,) float32`` in [0, 1], higher is further out; 0.5 for a zero vector."""
        white = embeddings @ self.whitening
        length = np.maximum(np.linalg.norm(white, axis=1), 1e-12)
        nearness = (white @ self.known.T).max(axis=1)
        if len(self.foreign):
            nearness = nearness - FOREIGN_WEIGHT * (white @ self.foreign.T).max(axis=1)
        return np.asarray((1 - nearness / length / (1 + FOREIGN_WEIGHT)) / 2, dtype=np.float32)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Returns what `from_tensors` reads back."""
        return {
            f"novelty.{field.name}": np.ascontiguousarray(getattr(self, field.name)) for field in fields(self)
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Novelty:
        """Returns the saved object."""
        return cls(**{field.name: tensors[f"novelty.{field.name}"] for field in fields(cls)})

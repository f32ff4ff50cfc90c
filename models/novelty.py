"""How far a text is from everything the training tickets speak of.

The score of every text is separate from its class probabilities: a head that must choose among known topics can be
sure of one and the text still be about something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Novelty:
    """Distance to the nearest prototype of a known topic: one nearest neighbour in a condensed training set.

    Attributes:
        prototypes: ``(prototypes, dim) float32`` unit rows, some for each topic that the desk handles.
    """

    prototypes: NDArray[np.float32]

    def score(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns ``(n,) float32`` in [0, 1]: half of one minus the best cosine; 0.5 for a zero vector."""
        nearest = (embeddings @ self.prototypes.T).max(axis=1)
        return np.asarray((1 - nearest) / 2, dtype=np.float32)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Returns what `from_tensors` reads back."""
        return {"novelty.centroids": np.ascontiguousarray(self.prototypes, dtype=np.float32)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Novelty:
        """Returns the saved object."""
        return cls(tensors["novelty.centroids"])

"""What the models read in one ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Label:
    """A class and its calibrated probability in [0, 1]."""

    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the models say about one ticket.

    Attributes:
        language: ISO 639-1 code of one of the six, or ``und``.
        urgent: value ``true`` or ``false``; its probability is that of being urgent in both cases.
        categories: probability of every category.
        topics: probability of every topic.
        out_of_scope: distance from everything known, in [0, 1].
        embedding: ``(dim,) float32``, a unit vector.
    """

    language: str
    category: Label
    topic: Label
    sentiment: Label
    urgent: Label
    categories: Mapping[str, float]
    topics: Mapping[str, float]
    out_of_scope: float
    embedding: NDArray[np.float32]

    @property
    def is_urgent(self) -> bool:
        """Whether the ticket is urgent."""
        return self.urgent.value == "true"

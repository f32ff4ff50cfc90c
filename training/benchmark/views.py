"""What a view of a benchmark head is; and the token view, fitted as the product's heads are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.static_encoder import StaticEncoder
from models.token_counts import token_ids
from training.benchmark.texts import TextBatch
from training.token_view import TokenViewConfig, fit_token_views

ABSENT = np.float32(-30.0)
"""The logit of a class that a view has not seen."""


class ViewName(StrEnum):
    """One way to look at a text."""

    EMBEDDING = "embedding"
    TOKENS = "tokens"
    NGRAMS = "ngrams"
    FINE_TUNED = "fine_tuned"


class FittedView(Protocol):
    """A classifier on one view of a text."""

    def logits(self, batch: TextBatch) -> NDArray[np.float32]:
        """Returns ``(n, classes)``; their scale is up to the view."""
        ...


FitView = Callable[[TextBatch, NDArray[np.intp], int], FittedView]
"""Fits a view on texts, the class of each, and the number of classes."""


@dataclass(frozen=True)
class TokenView:
    """The encoder's token vectors, fine-tuned (`training.token_view`).

    Attributes:
        weights: ``(vocabulary, classes)``; `bias` ``(classes,)``.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, batch: TextBatch) -> NDArray[np.float32]:
        """Returns ``(n, classes)``."""
        return np.asarray(batch.tokens @ self.weights + self.bias, dtype=np.float32)


def fit_token_view(
    batch: TextBatch,
    targets: NDArray[np.intp],
    classes: int,
    vocabulary: StaticEncoder,
    config: TokenViewConfig,
) -> TokenView:
    """Returns the view, fitted on the class of each text."""
    names = [f"{target:06d}" for target in targets]
    found = fit_token_views(token_ids(batch.tokens), {"label": names}, vocabulary, config)["label"]
    seen = np.unique(targets)
    return TokenView(
        spread_classes(found.weights, seen, classes, 0.0), spread_classes(found.bias, seen, classes)
    )


def spread_classes(
    columns: NDArray[np.float32], seen: NDArray[np.intp], classes: int, absent: float = float(ABSENT)
) -> NDArray[np.float32]:
    """Returns ``(…, classes)``: the columns of the classes that were seen, and `absent` for the others."""
    full = np.full((*columns.shape[:-1], classes), absent, dtype=np.float32)
    full[..., seen] = columns
    return full

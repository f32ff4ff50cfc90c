"""Joining a dense and a lexical search by learnt weights on their scores, so that neither drags the other down.

The score of a document is a log-likelihood, up to a constant of the query: the standardised cosine times its sharpness,
plus BM25 and BM25 relative to the query's best, each with a weight. Where a query shares no word with any document
(another language), BM25 is zero and the dense order stands; where an encoder finds nothing in this corpus, its
sharpness is near zero and the lexical order stands. Ranks are not joined: reciprocal ranks throw away how sure each
side is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

SHARPNESS_BOUNDS = (-5.0, 2.0)
SMALLEST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class FusionModel:
    """The learnt weights.

    Attributes:
        dense: of the standardised cosine times its sharpness.
        lexical: of BM25; `relative` of BM25 divided by the query's best.
    """

    dense: float
    lexical: float
    relative: float

    def fuse(
        self, dense: NDArray[np.float32], lexical: NDArray[np.float32], sharpness: float
    ) -> NDArray[np.float32]:
        """Returns ``(n, documents) float32``, higher is nearer.

        Args:
            dense: ``(n, documents)`` cosines.
            lexical: ``(n, documents)`` BM25, 0 or more.
            sharpness: of the encoder on these documents, see `fit_sharpness`.
        """
        best = lexical.max(axis=1, keepdims=True)
        words = lexical * (self.lexical + self.relative / np.where(best > 0, best, 1))
        return np.asarray(self.dense * sharpness * standardise(dense) + words, dtype=np.float32)


LEARNT = FusionModel(dense=0.63, lexical=0.15, relative=2.7)
"""Fitted on question–paragraph sets in five languages and across three, every set measured with the weights that the
others gave; see ``evaluation/LOG.md``."""


def standardise(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns ``(n, documents)``: each row with mean 0 and standard deviation 1; a constant row becomes 0."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    return np.asarray(
        centred / np.maximum(centred.std(axis=1, keepdims=True), SMALLEST_SPREAD), dtype=np.float32
    )


def fit_sharpness(dense: NDArray[np.float32], wanted: NDArray[np.intp]) -> float:
    """Returns the factor by which standardised cosines are the best log-likelihoods; near 0 where they tell nothing.

    Args:
        dense: ``(n, documents)`` cosines of texts whose document is known: sentences of the documents themselves, each
            compared with what is left of its document.
        wanted: ``(n,)``: the document of each.
    """
    rows, standard = np.arange(len(wanted)), standardise(dense).astype(np.float64)

    def loss(log_sharpness: float) -> float:
        scores = np.exp(log_sharpness) * standard
        highest = scores.max(axis=1)
        total = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
        return float((total - scores[rows, wanted]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=SHARPNESS_BOUNDS, method="bounded").x))

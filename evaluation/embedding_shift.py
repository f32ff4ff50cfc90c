"""Whether two sets of texts are about different things: a kernel two-sample test on their embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 1000
MOST_ROWS = 1500
"""Of each set in a test; the kernel matrix of both is held in memory."""
FEWEST_ROWS = 20


@dataclass(frozen=True, slots=True)
class EmbeddingShift:
    """What the test found.

    Attributes:
        mmd2: squared maximum mean discrepancy, unbiased, about 0 for the same texts and below 2.
        chance: the value that 95 % of the permuted divisions stay under.
        reference_rows: of the reference that took part; `current_rows` likewise.
    """

    mmd2: float
    chance: float
    p_value: float
    reference_rows: int
    current_rows: int

    @property
    def effect(self) -> float:
        """The discrepancy itself, never below zero."""
        return max(0.0, self.mmd2)


def measure_embedding_shift(
    reference: NDArray[np.float32],
    current: NDArray[np.float32],
    *,
    permutations: int = PERMUTATIONS,
    most_rows: int = MOST_ROWS,
    seed: int = 13,
) -> EmbeddingShift:
    """Returns how far two sets of embeddings are apart (Gretton et al. 2012).

    Gaussian kernel whose width is the median distance of all pairs; the p-value is that of a permutation test,
    exact for any size of the sets.

    Args:
        reference: ``(n, dim)``; more than `most_rows` are reduced at random.
        current: ``(m, dim)``, likewise; both need two rows.
        permutations: how often the two are mixed and divided again.
        most_rows: that take part of each.
        seed: same rows, same numbers.
    """
    random = np.random.default_rng(seed)
    first, second = _sample(reference, most_rows, random), _sample(current, most_rows, random)
    rows, size = np.concatenate([first, second]), len(first)
    kernel = _gaussian_kernel(rows)
    divisions = np.zeros((len(rows), permutations + 1), dtype=np.float32)
    divisions[:size, 0] = 1
    for column in range(1, permutations + 1):
        divisions[random.permutation(len(rows))[:size], column] = 1
    found = _mmd2(kernel, divisions, size)
    p_value = (1 + int((found[1:] >= found[0] - 1e-12).sum())) / (permutations + 1)
    chance = float(np.quantile(found[1:], 0.95))
    return EmbeddingShift(float(found[0]), chance, p_value, len(first), len(second))


def _sample(rows: NDArray[np.float32], most: int, random: np.random.Generator) -> NDArray[np.float32]:
    if len(rows) <= most:
        return rows
    return rows[np.sort(random.choice(len(rows), most, replace=False))]


def _gaussian_kernel(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the kernel of all pairs, zero for a row and itself."""
    lengths = np.einsum("ij,ij->i", rows, rows)
    squared = np.maximum(lengths[:, None] + lengths[None, :] - 2 * rows @ rows.T, 0)
    pairs = squared[np.triu_indices(min(len(rows), 1000), 1)]
    width = max(float(np.median(pairs)), 1e-6)
    kernel = np.exp(-squared / width)
    np.fill_diagonal(kernel, 0)
    return np.asarray(kernel, dtype=np.float32)


def _mmd2(kernel: NDArray[np.float32], divisions: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """Returns the statistic of each column of `divisions`, which has a one for the `size` rows of the first set."""
    rest = len(kernel) - size
    within = (divisions * (kernel @ divisions)).sum(axis=0, dtype=np.float64)
    sums = kernel.sum(axis=1, dtype=np.float64)
    to_all = divisions.T.astype(np.float64) @ sums
    across = to_all - within
    within_rest = sums.sum() - within - 2 * across
    return np.asarray(
        within / (size * (size - 1)) + within_rest / (rest * (rest - 1)) - 2 * across / (size * rest)
    )

"""TF-IDF of character n-grams and of the encoder's tokens in ones and twos, with a linear support vector machine."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from training.benchmark.texts import TextBatch
from training.benchmark.views import spread_classes

MAX_CHARACTERS = 4_000


@dataclass(frozen=True)
class NgramConfig:
    """How the view is fitted.

    Attributes:
        sizes: shortest and longest character n-gram, within words.
        strength: inverse regularisation of the support vector machine (scikit-learn's ``C``).
        most: how many character n-grams are kept, the most frequent ones.
    """

    sizes: tuple[int, int] = (2, 5)
    strength: float = 0.5
    most: int = 200_000
    seed: int = 13


@dataclass(frozen=True)
class NgramView:
    """The fitted view.

    Attributes:
        vectorizers: of characters and of tokens (scikit-learn's ``TfidfVectorizer``).
        weights: ``(features, classes)``; `bias` ``(classes,)``.
    """

    vectorizers: tuple[Any, Any]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, batch: TextBatch) -> NDArray[np.float32]:
        """Returns ``(n, classes)`` signed distances from each class's boundary."""
        if not len(batch):
            return np.zeros((0, len(self.bias)), dtype=np.float32)
        characters, tokens = self.vectorizers
        matrix = _join(characters.transform(cut(batch.texts)), tokens.transform(batch.pieces))
        return np.asarray(matrix @ self.weights + self.bias, dtype=np.float32)


def fit_ngram_view(
    batch: TextBatch, targets: NDArray[np.intp], classes: int, config: NgramConfig
) -> NgramView:
    """Returns the view, fitted on the class of each text."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    characters = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=config.sizes,
        sublinear_tf=True,
        max_features=config.most,
        dtype=np.float32,
        min_df=2 if len(batch) > 2 * classes * 5 else 1,
    )
    tokens = TfidfVectorizer(analyzer=ones_and_twos, sublinear_tf=True, dtype=np.float32)
    matrix = _join(characters.fit_transform(cut(batch.texts)), tokens.fit_transform(batch.pieces))
    model = LinearSVC(C=config.strength, random_state=config.seed).fit(matrix, targets)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:  # of two classes scikit-learn keeps one column
        weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    seen = np.unique(targets)
    return NgramView(
        (characters, tokens),
        spread_classes(weights.astype(np.float32), seen, classes, 0.0),
        spread_classes(bias.astype(np.float32), seen, classes),
    )


def ones_and_twos(pieces: Sequence[int]) -> list[tuple[int, ...]]:
    """Returns the tokens and the pairs of neighbours, which see order and negation."""
    read = pieces[:MAX_CHARACTERS]
    return [*((piece,) for piece in read), *itertools.pairwise(read)]


def cut(texts: Sequence[str]) -> list[str]:
    """Returns the beginnings of the texts: a benchmark's memory must not hang on one row."""
    return [text[:MAX_CHARACTERS] for text in texts]


def _join(characters: csr_matrix, tokens: csr_matrix) -> csr_matrix:
    """Returns both in one matrix whose rows have unit length where each part has a feature."""
    return csr_matrix(hstack([characters, tokens], format="csr") * np.float32(np.sqrt(0.5)))

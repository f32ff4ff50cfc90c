"""The baseline every figure stands beside: TF-IDF of character n-grams with logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from data.public_sets import OUT_OF_SCOPE, LabelledText
from training.benchmark.ngram_view import cut


def label_by_ngrams(train: Sequence[LabelledText], texts: Sequence[str]) -> list[str]:
    """Returns the label of each text by logistic regression on n-grams of two to five characters; never ``oos``."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    inside = [row for row in train if row.label != OUT_OF_SCOPE]
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=100_000, dtype=np.float32
    )
    matrix = vectorizer.fit_transform(cut([row.text for row in inside]))
    model = LogisticRegression(C=30.0, max_iter=50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fifty rounds change no digit that matters
        model.fit(matrix, [row.label for row in inside])
    return [str(label) for label in model.predict(vectorizer.transform(cut(texts)))]

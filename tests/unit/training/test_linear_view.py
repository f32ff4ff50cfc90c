from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.heads import log_softmax
from training.linear_view import fit_linear_view


def toy(classes: int, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, 120)
    matrix = random.standard_normal((120, 5)).astype(np.float32)
    matrix[np.arange(120), labels] += 2
    return matrix, [["退款", "发货", "账户"][label] for label in labels]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("sparse", [False, True])
def test_fit_linear_view_gives_the_probabilities_of_scikit_learn(classes: int, sparse: bool) -> None:
    matrix, labels = toy(classes)
    view = fit_linear_view(csr_matrix(matrix) if sparse else matrix, labels, 1.0, balanced=False)
    model = LogisticRegression(C=1.0, tol=1e-3).fit(matrix, labels)
    assert view.weights.shape == (5, classes)
    assert (view.weights.dtype, view.bias.dtype) == (np.float32, np.float32)
    own = np.exp(log_softmax((matrix @ view.weights + view.bias).astype(np.float32)))
    assert model.classes_.tolist() == sorted(set(labels))
    np.testing.assert_allclose(own, model.predict_proba(matrix), atol=1e-4)


def test_fit_linear_view_balanced_finds_a_rare_class_more_often() -> None:
    random = np.random.default_rng(0)
    matrix = np.concatenate([random.normal(0, 1, (200, 2)), random.normal(1, 1, (15, 2))])
    labels = ["häufig"] * 200 + ["selten"] * 15
    found = []
    for balanced in (False, True):
        view = fit_linear_view(matrix, labels, 1.0, balanced)
        found.append(int(((matrix @ view.weights + view.bias).argmax(axis=1) == 1).sum()))
    assert found[1] > found[0]


def test_fit_linear_view_stopped_early_warns_nobody() -> None:
    matrix, labels = toy(3)
    fit_linear_view(matrix, labels, 100.0, balanced=False, max_iterations=1)

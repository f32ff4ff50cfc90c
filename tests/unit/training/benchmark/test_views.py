from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.training.benchmark.toy import CONFIG, TOKENS, toy_reader, toy_rows
from training.benchmark.embedding_view import fit_embedding_view
from training.benchmark.kernel_view import KernelConfig, fit_kernel_view, gaussian_kernel
from training.benchmark.ngram_view import NgramConfig, fit_ngram_view, ones_and_twos
from training.benchmark.views import FitView, fit_token_view

READER = toy_reader()
VIEWS: dict[str, FitView] = {
    "kernel": lambda batch, targets, classes: fit_kernel_view(batch, targets, classes, KernelConfig()),
    "network": lambda batch, targets, classes: fit_embedding_view(batch, targets, classes, CONFIG.network),
    "tokens": lambda batch, targets, classes: fit_token_view(
        batch, targets, classes, READER.vocabulary, TOKENS
    ),
    "ngrams": lambda batch, targets, classes: fit_ngram_view(batch, targets, classes, NgramConfig()),
}


@pytest.fixture(params=VIEWS, ids=str)
def fit(request: pytest.FixtureRequest) -> FitView:
    return VIEWS[request.param]


def test_view_of_every_kind_learns_its_texts_in_three_languages(fit: FitView) -> None:
    rows = toy_rows()
    labels = sorted({row.label for row in rows})
    batch, targets = (
        READER.read([row.text for row in rows]),
        np.array([labels.index(row.label) for row in rows]),
    )
    logits = fit(batch, targets, len(labels)).logits(batch)
    assert logits.shape == (len(rows), 3)
    assert logits.dtype == np.float32
    assert float((logits.argmax(axis=1) == targets).mean()) > 0.9


def test_view_of_every_kind_never_gives_a_class_it_has_not_seen(fit: FitView) -> None:
    batch = READER.read(["passwort vergessen", "注文した商品はどこですか", "order", "パスワード"])
    logits = fit(batch, np.array([3, 1, 1, 3]), 5).logits(batch)
    assert logits.shape == (4, 5)
    assert set(logits.argmax(axis=1).tolist()) <= {1, 3}


def test_view_of_every_kind_reads_empty_and_unknown_text(fit: FitView) -> None:
    batch = READER.read(["passwort", "注文", "order", "パスワード"])
    view = fit(batch, np.array([1, 0, 0, 1]), 2)
    assert np.isfinite(view.logits(READER.read(["", "🙂", " \n"]))).all()


def test_gaussian_kernel_is_one_on_itself_and_falls_with_distance() -> None:
    rows = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32)
    expected = [[1, np.exp(-2), np.exp(-1)], [np.exp(-2), 1, np.exp(-1)], [np.exp(-1), np.exp(-1), 1]]
    assert gaussian_kernel(rows, rows, 1.0) == pytest.approx(np.array(expected), abs=1e-6)


def test_ones_and_twos_sees_the_order_of_tokens() -> None:
    assert ones_and_twos([4, 9, 4]) == [(4,), (9,), (4,), (4, 9), (9, 4)]
    assert ones_and_twos([]) == []


def test_view_of_every_kind_same_seed_gives_the_same_numbers(fit: Callable[..., object]) -> None:
    batch, targets = READER.read(["passwort", "注文", "order", "パスワード"]), np.array([1, 0, 0, 1])
    first, second = (VIEWS["network"](batch, targets, 2).logits(batch) for _ in range(2))
    assert first.tolist() == second.tolist()

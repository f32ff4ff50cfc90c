from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from models.heads import LinearView, log_softmax
from models.static_encoder import StaticEncoder
from models.token_counts import token_ids
from tests.unit.models.tiny import tiny_encoder
from tests.unit.training.toy import TOKEN_VIEW, WISHES
from training.token_view import fit_token_views

TEXTS = [wish for wishes in WISHES.values() for wish in wishes] * 3
TOPICS = [topic for (topic, _), wishes in WISHES.items() for _ in wishes] * 3


@pytest.fixture(scope="module")
def vocabulary() -> StaticEncoder:
    return tiny_encoder()


def fit(
    vocabulary: StaticEncoder, targets: dict[str, list[str | None]], **changes: object
) -> dict[str, LinearView]:
    config = replace(TOKEN_VIEW, **changes)  # type: ignore[arg-type]
    return fit_token_views(token_ids(read(vocabulary, *TEXTS)), targets, vocabulary, config)


def read(vocabulary: StaticEncoder, *texts: str) -> csr_matrix:
    return vocabulary.count(vocabulary.tokenize(texts))


def accuracy(view: LinearView, vocabulary: StaticEncoder, labels: list[str]) -> float:
    counts = read(vocabulary, *TEXTS)
    names = sorted(set(labels))
    predicted = np.asarray(counts @ view.weights + view.bias).argmax(axis=1)
    return float(np.mean([names[i] == label for i, label in zip(predicted, labels, strict=True)]))


def test_fit_token_views_toy_problem_is_learnt(vocabulary: StaticEncoder) -> None:
    view = fit(vocabulary, {"topic": list(TOPICS)})["topic"]
    assert view.weights.shape == (vocabulary.size, 3)
    assert view.weights.dtype == np.float32
    assert accuracy(view, vocabulary, TOPICS) >= 0.95


def test_fit_token_views_several_heads_share_the_vectors_and_keep_their_classes(
    vocabulary: StaticEncoder,
) -> None:
    eastern = ["ja" if not text.isascii() else "west" for text in TEXTS]
    views = fit(vocabulary, {"topic": list(TOPICS), "script": list(eastern)})
    assert {name: view.weights.shape[1] for name, view in views.items()} == {"topic": 3, "script": 2}
    assert accuracy(views["topic"], vocabulary, TOPICS) >= 0.9
    assert accuracy(views["script"], vocabulary, eastern) >= 0.9


def test_fit_token_views_same_seed_gives_the_same_weights(vocabulary: StaticEncoder) -> None:
    one, same = (fit(vocabulary, {"topic": list(TOPICS)})["topic"] for _ in range(2))
    np.testing.assert_array_equal(one.weights, same.weights)
    np.testing.assert_array_equal(one.bias, same.bias)
    other = fit(vocabulary, {"topic": list(TOPICS)}, seeds=(99,))["topic"]
    assert not np.array_equal(one.weights, other.weights)


def test_fit_token_views_several_seeds_are_averaged(vocabulary: StaticEncoder) -> None:
    targets: dict[str, list[str | None]] = {"topic": list(TOPICS)}
    first, second, both = (fit(vocabulary, targets, seeds=s)["topic"] for s in ((1,), (2,), (1, 2)))
    np.testing.assert_allclose(both.weights, (first.weights + second.weights) / 2, atol=1e-5)
    np.testing.assert_allclose(both.bias, (first.bias + second.bias) / 2, atol=1e-5)


def test_fit_token_views_rows_without_a_label_teach_that_head_nothing(vocabulary: StaticEncoder) -> None:
    labels = [topic if topic != "human_agent" else None for topic in TOPICS]
    view = fit(vocabulary, {"topic": labels, "all": list(TOPICS)})["topic"]
    assert view.weights.shape[1] == 2


def test_fit_token_views_empty_texts_are_survived(vocabulary: StaticEncoder) -> None:
    tokens = [np.array(ids, dtype=np.int64) for ids in ([], [1], [])]
    views = fit_token_views(tokens, {"topic": ["a", "b", "a"]}, vocabulary, TOKEN_VIEW)
    assert np.isfinite(views["topic"].weights).all()


def test_fit_token_views_folded_weights_are_what_the_head_multiplies(vocabulary: StaticEncoder) -> None:
    """The view is read through the counts of `models.token_counts`, the same scaling as in training."""
    view = fit(vocabulary, {"topic": list(TOPICS)})["topic"]
    logits = np.asarray(read(vocabulary, "paket", "paket " * 40) @ view.weights + view.bias, dtype=np.float32)
    short, long = np.exp(log_softmax(logits)).max(axis=1)
    assert long > short

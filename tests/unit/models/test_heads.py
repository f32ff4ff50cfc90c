from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax as reference

from models.features import FeatureReader, Features, View
from models.heads import LightHead, log_softmax
from models.static_encoder import StaticEncoder
from tests.unit.models.tiny import TEXTS, tiny_head

LABELS = ("a", "b", "c")


@pytest.fixture(scope="module")
def features(tiny: StaticEncoder) -> Features:
    return FeatureReader(tiny, tiny).read([*TEXTS, ""])


@pytest.fixture(scope="module")
def head(features: Features) -> LightHead:
    widths = {view: int(features.matrix(view).shape[1]) for view in View}
    return tiny_head(LABELS, widths, np.random.default_rng(3))


def test_log_probabilities_rows_sum_to_one(head: LightHead, features: Features) -> None:
    log_probabilities = head.log_probabilities(features)
    assert (log_probabilities.shape, log_probabilities.dtype) == ((len(features), 3), np.float32)
    np.testing.assert_allclose(np.exp(log_probabilities).sum(axis=1), 1, atol=1e-5)


def test_joined_shares_weigh_the_views(head: LightHead, features: Features) -> None:
    expected = sum(
        view.share * reference(np.asarray(features.matrix(name) @ view.weights + view.bias), axis=1)
        for name, view in head.views.items()
    )
    np.testing.assert_allclose(head.joined(features), expected, atol=1e-4)


def test_joined_view_without_a_share_has_no_say(head: LightHead, features: Features) -> None:
    views = {name: replace(view, share=float(name is View.TOKENS)) for name, view in head.views.items()}
    alone = {View.TOKENS: replace(head.views[View.TOKENS], share=1.0)}
    np.testing.assert_allclose(
        LightHead(LABELS, views).joined(features), LightHead(LABELS, alone).joined(features), atol=1e-5
    )


def test_log_probabilities_higher_temperature_is_less_sure_of_the_same_class(
    head: LightHead, features: Features
) -> None:
    cold = replace(head, temperature=0.5).log_probabilities(features)
    warm = replace(head, temperature=4.0).log_probabilities(features)
    np.testing.assert_array_equal(cold.argmax(axis=1), warm.argmax(axis=1))
    assert (cold.max(axis=1) > warm.max(axis=1)).all()


def test_log_probabilities_batch_equals_single_texts(head: LightHead, features: Features) -> None:
    together = head.log_probabilities(features)
    for row in range(len(features)):
        single = head.log_probabilities(features.take(np.array([row])))
        np.testing.assert_allclose(single[0], together[row], atol=1e-5)


def test_log_softmax_huge_logits_stay_finite() -> None:
    rows = log_softmax(np.array([[1e4, 0, -1e4], [5, 5, 5]], dtype=np.float32))
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(rows[1], np.log([1 / 3] * 3), atol=1e-6)


def test_features_any_encoder_gives_the_embedding_and_the_vocabulary_the_tokens(tiny: StaticEncoder) -> None:
    class Constant:
        id, dim = "constant@1", 3

        def encode(self, texts: list[str], kind: object = None) -> np.ndarray:
            return np.tile(np.array([[1, 0, 0]], dtype=np.float32), (len(texts), 1))

    read = FeatureReader(Constant(), tiny).read(["退款", "remboursement"])  # type: ignore[arg-type]
    assert read.embedding.shape == (2, 3)
    assert read.dense.shape == (2, 3 + 6)
    assert read.tokens.shape == (2, tiny.size)

from __future__ import annotations

import numpy as np
import pytest

from models.bigrams import Bigrams, no_bigrams
from models.token_counts import LENGTH_POWER, MAX_TOKENS, count_tokens, token_ids


def test_count_tokens_known_tokens_are_counted_and_scaled_by_length() -> None:
    rows = count_tokens([[3, 1, 3], [], [0]], no_bigrams(5)).toarray()
    scale = 3**-LENGTH_POWER
    np.testing.assert_allclose(rows[0], [0, scale, 0, 2 * scale, 0], rtol=1e-6)
    assert not rows[1].any()
    np.testing.assert_allclose(rows[2], [1, 0, 0, 0, 0])
    assert rows.dtype == np.float32


def test_count_tokens_product_equals_the_scaled_sum_of_weights() -> None:
    random = np.random.default_rng(0)
    weights = random.standard_normal((50, 4)).astype(np.float32)
    tokens = [random.integers(0, 50, size).tolist() for size in (1, 7, 30)]
    product = count_tokens(tokens, no_bigrams(50)) @ weights
    for row, ids in zip(product, tokens, strict=True):
        np.testing.assert_allclose(
            row, weights[ids].sum(axis=0) * len(ids) ** -LENGTH_POWER, rtol=1e-4, atol=1e-5
        )


def test_count_tokens_pairs_are_columns_and_count_in_the_length() -> None:
    pairs = Bigrams(np.array([[1, 2], [2, 1]], dtype=np.int32), 5)
    rows = count_tokens([[1, 2], [2, 1], [3]], pairs).toarray()
    scale = 3**-LENGTH_POWER
    np.testing.assert_allclose(rows[0], [0, scale, scale, 0, 0, scale, 0], rtol=1e-6)
    np.testing.assert_allclose(rows[1], [0, scale, scale, 0, 0, 0, scale], rtol=1e-6)
    np.testing.assert_allclose(rows[2], [0, 0, 0, 1, 0, 0, 0])


def test_count_tokens_long_text_is_cut_and_scaled_by_what_is_left() -> None:
    row = count_tokens([[1] * MAX_TOKENS + [2] * 100], no_bigrams(5)).toarray()[0]
    assert row[2] == 0
    assert row[1] == pytest.approx(MAX_TOKENS ** (1 - LENGTH_POWER), rel=1e-4)


def test_count_tokens_no_text_gives_no_row() -> None:
    assert count_tokens([], no_bigrams(5)).shape == (0, 5)


def test_token_ids_of_counts_are_the_tokens_in_their_order() -> None:
    tokens = [[3, 1, 3], [], [2, 2, 0], [4]]
    counts = count_tokens(tokens, no_bigrams(5))
    assert [ids.tolist() for ids in token_ids(counts)] == tokens
    rows = np.array([2, 0, 1])
    assert [ids.tolist() for ids in token_ids(counts[rows])] == [tokens[row] for row in rows]

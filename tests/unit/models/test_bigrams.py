from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from models.bigrams import Bigrams, no_bigrams
from models.errors import ModelError


def bigrams(*pairs: tuple[int, int], vocabulary: int = 10) -> Bigrams:
    return Bigrams(np.array(pairs, dtype=np.int32).reshape(-1, 2), vocabulary)


def append(table: Bigrams, *texts: list[int]) -> list[list[int]]:
    flat = np.array([token for text in texts for token in text], dtype=np.int32)
    columns, lengths = table.append(flat, np.array([len(text) for text in texts]))
    return [part.tolist() for part in np.split(columns, np.cumsum(lengths)[:-1])]


def test_append_known_pairs_stand_behind_the_tokens_of_their_text() -> None:
    table = bigrams((1, 2), (2, 1), (3, 3))
    texts = [[1, 2, 5], [], [2, 1, 2], [4], [3, 3, 3]]
    assert append(table, *texts) == [[1, 2, 5, 10], [], [2, 1, 2, 11, 10], [4], [3, 3, 3, 12, 12]]


def test_append_pair_across_two_texts_is_not_counted() -> None:
    assert append(bigrams((1, 2)), [1], [2]) == [[1], [2]]


def test_append_equals_a_loop_over_random_texts() -> None:
    random = np.random.default_rng(0)
    pairs = sorted({(int(a), int(b)) for a, b in random.integers(0, 30, (200, 2))})
    table = bigrams(*pairs, vocabulary=30)
    number = {pair: 30 + row for row, pair in enumerate(pairs)}
    texts = [random.integers(0, 30, size).tolist() for size in random.integers(0, 20, 50)]
    expected = [[*text, *(number[pair] for pair in pairwise(text) if pair in number)] for text in texts]
    assert append(table, *texts) == expected


def test_append_without_pairs_changes_nothing() -> None:
    assert append(no_bigrams(10), [1, 2], [3]) == [[1, 2], [3]]


@pytest.mark.parametrize("pairs", [[(2, 1), (1, 2)], [(1, 2), (1, 2)]], ids=["not sorted", "repeated"])
def test_bigrams_pairs_out_of_order_are_refused(pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(ModelError, match="sorted"):
        bigrams(*pairs)


def test_bigrams_token_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ModelError, match="vocabulary of 10"):
        bigrams((1, 10))

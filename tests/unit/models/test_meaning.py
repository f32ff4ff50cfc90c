"""The shipped encoder sees negation and order, as far as a sum of vectors can."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from models.static_encoder import StaticEncoder
from tests.unit.models.meanings import NEGATED, REORDERED

LANGUAGES = ("en", "es", "fr", "de", "ja", "zh")


def margins(encoder: StaticEncoder, near: int) -> np.ndarray:
    """How much nearer a sentence is to its translation than to the translation of its opposite."""
    found = []
    for meaning in NEGATED.values():
        vectors = {code: encoder.encode(meaning[code]) for code in LANGUAGES}
        for one, other in permutations(LANGUAGES, 2):
            own = vectors[one][near]
            found.append(own @ vectors[other][near] - own @ vectors[other][1 - near])
    return np.array(found)


def test_encode_negated_sentence_is_nearer_to_the_negated_translation(shipped: StaticEncoder) -> None:
    negated, stated = margins(shipped, near=0), margins(shipped, near=1)
    assert (negated > 0).mean() >= 0.92
    assert (stated > 0).mean() >= 0.9
    assert negated.mean() >= 0.12


def test_encode_negation_moves_the_vector(shipped: StaticEncoder) -> None:
    similar = [
        np.prod(shipped.encode(meaning[code]), axis=0).sum()
        for meaning in NEGATED.values()
        for code in LANGUAGES
    ]
    assert np.mean(similar) <= 0.8


def test_encode_same_words_in_another_order_are_another_vector(shipped: StaticEncoder) -> None:
    """A bag of tokens gives exactly one; pairs that span the swap are known in most languages."""
    similar = {code: np.prod(shipped.encode(texts), axis=0).sum() for code, texts in REORDERED.items()}
    assert sum(one < 0.995 for one in similar.values()) >= 4, similar

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from models.negation import split_negated
from models.ngrams import BUCKETS, MAX_CHARACTERS, hash_ngrams

TEXTS = ["Wo ist mein Paket?", "no funciona", "我要退款", "パスワードを忘れた", "", "I am not happy"]


def hashed(*texts: str) -> csr_matrix:
    """Hashes texts as a ticket is read: without their negated words, which count under a name of their own."""
    split = [split_negated(text) for text in texts]
    return hash_ngrams([text for text, _ in split], [words for _, words in split])


def similarity(one: str, other: str) -> float:
    first, second = hashed(one, other).toarray()
    return float(first @ second)


def test_hash_ngrams_texts_give_sparse_float32_unit_rows() -> None:
    rows = hashed(*TEXTS)
    assert (rows.shape, rows.dtype) == ((len(TEXTS), BUCKETS), np.float32)
    norms = np.sqrt(rows.multiply(rows).sum(axis=1))
    np.testing.assert_allclose(norms[[0, 1, 2, 3, 5]], 1, atol=1e-5)


def test_hash_ngrams_equal_texts_give_equal_rows() -> None:
    first, second = hashed("Où est mon colis ?", "Où est mon colis ?").toarray()
    np.testing.assert_array_equal(first, second)


def test_hash_ngrams_batch_equals_single_texts() -> None:
    together = hashed(*TEXTS).toarray()
    for row, text in zip(together, TEXTS, strict=True):
        np.testing.assert_array_equal(row, hashed(text).toarray()[0])


@pytest.mark.parametrize("text", ["", "  \n", "\x00"])
def test_hash_ngrams_empty_text_gives_a_zero_row(text: str) -> None:
    assert hashed(text, "hola").toarray()[0].sum() == 0


def test_hash_ngrams_no_text_gives_no_row() -> None:
    assert hashed().shape == (0, BUCKETS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bestellung 2026-118834", "Bestellung 2031-554471"),
        ("REMBOURSEZ MOI", "remboursez moi"),
        ("ＰａｙＰａｙ", "paypay"),
        ("hola   amigo", "hola\namigo"),
        ("٣ عدد", "7 عدد"),
    ],
)
def test_hash_ngrams_digits_case_width_and_spacing_are_folded(one: str, other: str) -> None:
    assert similarity(one, other) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("negated", "plain"),
    [
        ("I am not happy", "I am happy not"),
        ("no quiero el reembolso", "quiero el reembolso no"),
        ("je ne suis pas content", "je suis content ne pas"),
        ("ich bin nicht zufrieden", "ich bin zufrieden nicht"),
    ],
)
def test_hash_ngrams_word_after_a_negation_is_another_feature(negated: str, plain: str) -> None:
    assert similarity(negated, plain) < 0.95


def test_hash_ngrams_near_spellings_are_near_and_other_texts_far() -> None:
    assert similarity("contraseña olvidada", "contrasena olvidada") > 0.6
    assert similarity("パスワードを忘れました", "パスワード忘れた") > 0.5
    assert similarity("contraseña olvidada", "where is my parcel") < 0.3


def test_hash_ngrams_hostile_text_is_read() -> None:
    rows = hashed("\ud800abc\udfff", "a\x00b", "\u202eabc", "🙂" * 10, "not \ud800")
    assert np.isfinite(rows.data).all()
    assert (np.diff(rows.indptr) > 0).all()


def test_hash_ngrams_nul_separates_words() -> None:
    assert similarity("a\x00b", "a b") == pytest.approx(1, abs=1e-6)


def test_hash_ngrams_very_long_text_is_cut() -> None:
    text = "passwort " * (MAX_CHARACTERS // 9)
    cut = text.ljust(MAX_CHARACTERS)
    assert similarity(cut, cut + "bestellung " * 10_000) == pytest.approx(1, abs=1e-6)

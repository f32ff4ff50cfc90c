from __future__ import annotations

import numpy as np
import pytest

from models.ngrams import BUCKETS, MAX_CHARACTERS, hash_ngrams

TEXTS = ["Wo ist mein Paket?", "no funciona", "我要退款", "パスワードを忘れた", "", "I am not happy"]


def similarity(one: str, other: str) -> float:
    first, second = hash_ngrams([one, other]).toarray()
    return float(first @ second)


def test_hash_ngrams_texts_give_sparse_float32_unit_rows() -> None:
    rows = hash_ngrams(TEXTS)
    assert (rows.shape, rows.dtype) == ((len(TEXTS), BUCKETS), np.float32)
    norms = np.sqrt(rows.multiply(rows).sum(axis=1))
    np.testing.assert_allclose(norms[[0, 1, 2, 3, 5]], 1, atol=1e-5)


def test_hash_ngrams_equal_texts_give_equal_rows() -> None:
    first, second = hash_ngrams(["Où est mon colis ?", "Où est mon colis ?"]).toarray()
    np.testing.assert_array_equal(first, second)


def test_hash_ngrams_batch_equals_single_texts() -> None:
    together = hash_ngrams(TEXTS).toarray()
    for row, text in zip(together, TEXTS, strict=True):
        np.testing.assert_array_equal(row, hash_ngrams([text]).toarray()[0])


@pytest.mark.parametrize("text", ["", "  \n", "\x00"])
def test_hash_ngrams_empty_text_gives_a_zero_row(text: str) -> None:
    assert hash_ngrams([text, "hola"]).toarray()[0].sum() == 0


def test_hash_ngrams_no_text_gives_no_row() -> None:
    assert hash_ngrams([]).shape == (0, BUCKETS)


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
    both = hash_ngrams([negated, plain])
    assert both[0].nnz > both[1].nnz
    assert similarity(negated, plain) < 0.999


def test_hash_ngrams_scope_of_a_negation_ends_at_a_mark() -> None:
    open_scope, closed = hash_ngrams(["not , happy", "not ,"])
    alone = hash_ngrams([", happy"])
    shared = set(open_scope.indices) - set(closed.indices) - set(alone.indices)
    assert not shared


def test_hash_ngrams_words_are_not_spanned() -> None:
    """The order of words does not count."""
    assert similarity("mein paket", "paket mein") == pytest.approx(1, abs=1e-6)


def test_hash_ngrams_near_spellings_are_near_and_other_texts_far() -> None:
    assert similarity("contraseña olvidada", "contrasena olvidada") > 0.6
    assert similarity("パスワードを忘れました", "パスワード忘れた") > 0.5
    assert similarity("contraseña olvidada", "where is my parcel") < 0.3


def test_hash_ngrams_hostile_text_is_read() -> None:
    rows = hash_ngrams(["\ud800abc\udfff", "a\x00b", "\u202eabc", "🙂" * 10, "not \ud800"])
    assert np.isfinite(rows.data).all()
    assert (np.diff(rows.indptr) > 0).all()


def test_hash_ngrams_nul_separates_words() -> None:
    assert similarity("a\x00b", "a b") == pytest.approx(1, abs=1e-6)


def test_hash_ngrams_very_long_text_is_cut() -> None:
    text = "passwort " * (MAX_CHARACTERS // 9)
    cut = text.ljust(MAX_CHARACTERS)
    assert similarity(cut, cut + "bestellung " * 10_000) == pytest.approx(1, abs=1e-6)

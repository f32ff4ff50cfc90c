from __future__ import annotations

import numpy as np

from training.ragged import join, ragged

TEXTS = [[1, 2, 3, 4], [], [5], [6, 7]]


def lists(texts) -> list[list[int]]:  # type: ignore[no-untyped-def]
    return [text.tolist() for text in texts.texts()]


def test_ragged_texts_come_back() -> None:
    assert lists(ragged(TEXTS)) == TEXTS
    assert len(ragged([])) == 0


def test_take_rows_in_any_order_and_repeated() -> None:
    texts = ragged(TEXTS)
    rows = np.array([3, 0, 1, 3])
    expected = [TEXTS[row] for row in rows]
    assert lists(texts.take(rows)) == expected
    assert lists(texts.take(rows, texts.starts)) == expected


def test_join_texts_of_both_follow_each_other() -> None:
    assert lists(join([ragged(TEXTS), ragged([[9]])])) == [*TEXTS, [9]]


def test_thin_leaves_out_about_the_share_and_never_a_whole_text() -> None:
    texts = ragged([list(range(100))] * 50 + [[1, 2], [], [3]])
    thinned = texts.thin(0.3, np.random.default_rng(0))
    assert 0.65 < thinned.lengths[:50].sum() / 5_000 < 0.75
    assert thinned.lengths[50:].tolist() == [2, 0, 1]
    assert (texts.thin(1.0, np.random.default_rng(0)).lengths[:50] == 1).all()
    assert lists(texts.thin(0.0, np.random.default_rng(0))) == lists(texts)

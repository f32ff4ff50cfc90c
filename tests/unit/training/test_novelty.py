from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.novelty import auroc
from models.encoder import unit_rows
from tests.unit.training.toy import toy_reader
from training.errors import TrainingError
from training.novelty import fit_novelty


def cloud(centre: NDArray[np.float32], size: int, seed: int) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).normal(0, 0.15, (size, len(centre)))
    return unit_rows((centre + noise).astype(np.float32))


AXES = np.eye(8, dtype=np.float32)
TRAIN = np.concatenate([cloud(AXES[0], 40, 0), cloud(AXES[1], 40, 1), cloud(AXES[2], 40, 2)])
LABELS = ["refund"] * 80 + ["password"] * 40
"""Two ways to ask for a refund, far from each other, and one for a password."""


def test_fit_novelty_texts_unlike_any_label_are_further_out() -> None:
    novelty = fit_novelty(TRAIN, LABELS)
    known = np.concatenate([cloud(axis, 30, 7) for axis in AXES[:3]])
    foreign = np.concatenate([cloud(axis, 30, 8) for axis in AXES[5:]])
    scores = novelty.score(np.concatenate([known, foreign]))
    assert auroc(scores, np.arange(len(scores)) >= len(known)) > 0.99


def test_fit_novelty_label_of_two_meanings_covers_both_and_not_what_lies_between() -> None:
    between = unit_rows((AXES[:1] + AXES[1:2]).astype(np.float32))
    ends = AXES[:2]
    one, several = fit_novelty(TRAIN, LABELS, known=1), fit_novelty(TRAIN, LABELS, known=4)
    assert one.score(between)[0] < one.score(ends).min()
    assert several.score(between)[0] > several.score(ends).max()


def test_fit_novelty_examples_of_what_is_foreign_push_the_like_further_out() -> None:
    examples, others = cloud(AXES[6], 40, 3), cloud(AXES[6], 40, 4)
    taught = fit_novelty(np.concatenate([TRAIN, examples]), [*LABELS, *[None] * 40])
    untaught = fit_novelty(TRAIN, LABELS)
    gain = taught.score(others) - untaught.score(others)
    assert gain.min() > 0.1
    assert np.abs(taught.score(TRAIN) - untaught.score(TRAIN)).mean() < gain.mean() / 2


def test_fit_novelty_direction_in_which_labels_spread_counts_less() -> None:
    """Texts of one label differ a lot in the fourth direction, so that being far along it says little."""
    spread = np.random.default_rng(5).normal(0, 0.8, (200, 1)) * AXES[3]
    wide = unit_rows((cloud(AXES[0], 200, 6) + spread).astype(np.float32))
    novelty = fit_novelty(wide, ["refund"] * 200, known=1)
    along, across = (unit_rows((AXES[:1] + AXES[n : n + 1]).astype(np.float32)) for n in (3, 5))
    assert novelty.score(along)[0] < novelty.score(across)[0]


def test_fit_novelty_no_label_at_all_is_refused() -> None:
    with pytest.raises(TrainingError, match="no row has a label"):
        fit_novelty(TRAIN[:3], [None] * 3)


def test_fit_novelty_same_text_many_times_is_one_prototype() -> None:
    texts = ["パスワードを忘れました", "パスワードを忘れました", "passwort vergessen", "我忘记密码了"]
    embeddings = toy_reader().read(texts).embedding
    novelty = fit_novelty(embeddings, ["password", "password", "password", "password"])
    assert len(novelty.known) == 3
    np.testing.assert_allclose(novelty.score(embeddings), novelty.score(embeddings)[0], atol=1e-6)


def test_fit_novelty_same_seed_same_scores() -> None:
    np.testing.assert_array_equal(
        fit_novelty(TRAIN, LABELS).score(TRAIN), fit_novelty(TRAIN, LABELS).score(TRAIN)
    )

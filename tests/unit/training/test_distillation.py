from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.distillation import (
    IGNORED,
    DistillationConfig,
    StudentSize,
    TrainingRows,
    distil,
)
from training.ragged import Ragged, ragged

VOCABULARY = 40
CONFIG = DistillationConfig(dim=8, epochs=4, batch_size=16, rate=0.05)


def pairs(seed: int = 0) -> tuple[TrainingRows, np.ndarray]:
    """English uses tokens below 20, the other language the same tokens shifted by 20; the teacher sees meaning."""
    random = np.random.default_rng(seed)
    left = [random.integers(0, 20, random.integers(1, 6)).astype(np.int32) for _ in range(96)]
    right = [tokens + 20 for tokens in left]
    meaning = random.standard_normal((20, 8)).astype(np.float32)
    teacher = np.stack([meaning[tokens].mean(axis=0) for tokens in left])
    teacher /= np.linalg.norm(teacher, axis=1, keepdims=True)
    target = np.arange(96)
    target[::7] = IGNORED
    none = ragged([[]] * 96)
    return TrainingRows(ragged(left), ragged(right), none, none, target, np.ones(96)), teacher


class Interrupted(Ragged):
    """Texts that fail after so many batches, as a killed process would."""

    def __init__(self, texts: Ragged, batches: int) -> None:
        super().__init__(texts.flat, texts.lengths)
        object.__setattr__(self, "left", batches)

    def take(self, rows: np.ndarray, starts: np.ndarray | None = None) -> Ragged:
        object.__setattr__(self, "left", self.left - 1)  # type: ignore[attr-defined, has-type]
        if self.left < 0:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return super().take(rows, starts)


def test_distil_translations_end_up_near_each_other(tmp_path: Path) -> None:
    rows, teacher = pairs()
    vectors = distil(
        rows, teacher, StudentSize(VOCABULARY), replace(CONFIG, epochs=30), tmp_path / "state.pt"
    )
    assert (vectors.shape, vectors.dtype) == ((VOCABULARY, 8), np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = (unit[:20] @ unit[20:].T).argmax(axis=1)
    assert (found == np.arange(20)).mean() >= 0.9


def test_distil_same_seed_gives_the_same_vectors(tmp_path: Path) -> None:
    rows, teacher = pairs()
    one = distil(rows, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "one.pt")
    same = distil(rows, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "same.pt")
    np.testing.assert_array_equal(one, same)
    other = distil(rows, teacher, StudentSize(VOCABULARY), replace(CONFIG, seed=14), tmp_path / "other.pt")
    assert not np.array_equal(one, other)


def test_distil_interrupted_run_resumes_and_gives_the_same_vectors(tmp_path: Path) -> None:
    rows, teacher = pairs()
    whole = distil(rows, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "whole.pt").copy()
    batches = 96 // CONFIG.batch_size
    failing = replace(rows, left=Interrupted(rows.left, int(2.5 * batches)))
    with pytest.raises(KeyboardInterrupt):
        distil(failing, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "broken.pt")
    # two of four epochs were kept: the rest needs no more batches than two epochs have
    rest = replace(rows, left=Interrupted(rows.left, 2 * batches))
    resumed = distil(rest, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "broken.pt")
    np.testing.assert_array_equal(resumed, whole)


def test_distil_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    rows, teacher = pairs()
    first = distil(rows, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "state.pt").copy()
    untouched = replace(rows, left=Interrupted(rows.left, 0))
    again = distil(untouched, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "state.pt")
    np.testing.assert_array_equal(again, first)


def test_distil_checkpoint_of_another_size_is_not_used(tmp_path: Path) -> None:
    rows, teacher = pairs()
    distil(rows, teacher, StudentSize(VOCABULARY + 5), CONFIG, tmp_path / "state.pt")
    fresh = distil(rows, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "fresh.pt")
    np.testing.assert_array_equal(
        distil(rows, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "state.pt"), fresh
    )


def test_distil_without_any_teacher_vector_still_aligns(tmp_path: Path) -> None:
    rows, teacher = pairs()
    alone = replace(rows, target=np.full(96, IGNORED))
    vectors = distil(alone, teacher, StudentSize(VOCABULARY), CONFIG, tmp_path / "state.pt")
    assert np.isfinite(vectors).all()


def test_distil_opposites_are_pushed_away_from_the_translation(tmp_path: Path) -> None:
    """Tokens 40 and 41 say *not*: every text has one, so only hard negatives tell it from its absence."""
    rows, teacher = pairs()
    negated = [np.append(text, 40) for text in rows.left.texts()]
    translated = [np.append(text, 41) for text in rows.right.texts()]
    plain = replace(rows, left=ragged(negated), right=ragged(translated), target=np.full(96, IGNORED))
    taught = replace(plain, left_opposite=rows.left, right_opposite=rows.right)
    config = replace(CONFIG, epochs=20)
    gaps = []
    for number, chosen in enumerate((plain, taught)):
        vectors = distil(chosen, teacher, StudentSize(VOCABULARY + 2), config, tmp_path / f"{number}.pt")
        left, right = _pool(vectors, negated), _pool(vectors, translated)
        opposite = _pool(vectors, rows.left.texts())
        gaps.append(float(((left - opposite) * right).sum(axis=1).mean()))
    assert gaps[1] > 2 * gaps[0]


def _pool(vectors: np.ndarray, texts: list[np.ndarray]) -> np.ndarray:
    rows = np.stack([vectors[text].mean(axis=0) for text in texts])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

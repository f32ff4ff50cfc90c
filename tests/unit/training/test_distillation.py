from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.distillation import IGNORED, DistillationConfig, TokenizedPairs, distil

VOCABULARY = 40
CONFIG = DistillationConfig(dim=8, epochs=4, batch_size=16, rate=0.05)


def pairs(seed: int = 0) -> tuple[TokenizedPairs, np.ndarray]:
    """English uses tokens below 20, the other language the same tokens shifted by 20; the teacher sees meaning."""
    random = np.random.default_rng(seed)
    left = [random.integers(0, 20, random.integers(1, 6)).astype(np.int32) for _ in range(96)]
    right = [tokens + 20 for tokens in left]
    meaning = random.standard_normal((20, 8)).astype(np.float32)
    teacher = np.stack([meaning[tokens].mean(axis=0) for tokens in left])
    teacher /= np.linalg.norm(teacher, axis=1, keepdims=True)
    target = np.arange(96)
    target[::7] = IGNORED
    return TokenizedPairs(left, right, target, np.ones(96)), teacher


class Interrupted(list[Any]):
    """A list that fails after so many reads, as a killed process would."""

    def __init__(self, items: list[Any], reads: int) -> None:
        super().__init__(items)
        self.reads = reads

    def __getitem__(self, index: Any) -> Any:
        self.reads -= 1
        if self.reads < 0:
            raise KeyboardInterrupt
        return super().__getitem__(index)


def test_distil_translations_end_up_near_each_other(tmp_path: Path) -> None:
    rows, teacher = pairs()
    vectors = distil(rows, teacher, VOCABULARY, replace(CONFIG, epochs=30), tmp_path / "state.pt")
    assert (vectors.shape, vectors.dtype) == ((VOCABULARY, 8), np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = (unit[:20] @ unit[20:].T).argmax(axis=1)
    assert (found == np.arange(20)).mean() >= 0.9


def test_distil_same_seed_gives_the_same_vectors(tmp_path: Path) -> None:
    rows, teacher = pairs()
    one = distil(rows, teacher, VOCABULARY, CONFIG, tmp_path / "one.pt")
    same = distil(rows, teacher, VOCABULARY, CONFIG, tmp_path / "same.pt")
    np.testing.assert_array_equal(one, same)
    other = distil(rows, teacher, VOCABULARY, replace(CONFIG, seed=14), tmp_path / "other.pt")
    assert not np.array_equal(one, other)


def test_distil_interrupted_run_resumes_and_gives_the_same_vectors(tmp_path: Path) -> None:
    rows, teacher = pairs()
    whole = distil(rows, teacher, VOCABULARY, CONFIG, tmp_path / "whole.pt").copy()
    failing = replace(rows, left=Interrupted(list(rows.left), reads=int(2.5 * 96)))
    with pytest.raises(KeyboardInterrupt):
        distil(failing, teacher, VOCABULARY, CONFIG, tmp_path / "broken.pt")
    counting = Interrupted(list(rows.left), reads=10_000)
    resumed = distil(replace(rows, left=counting), teacher, VOCABULARY, CONFIG, tmp_path / "broken.pt")
    np.testing.assert_array_equal(resumed, whole)
    assert 10_000 - counting.reads == 2 * 96  # two of four epochs were kept


def test_distil_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    rows, teacher = pairs()
    first = distil(rows, teacher, VOCABULARY, CONFIG, tmp_path / "state.pt").copy()
    untouched = replace(rows, left=Interrupted(list(rows.left), reads=0))
    np.testing.assert_array_equal(
        distil(untouched, teacher, VOCABULARY, CONFIG, tmp_path / "state.pt"), first
    )


def test_distil_checkpoint_of_another_size_is_not_used(tmp_path: Path) -> None:
    rows, teacher = pairs()
    distil(rows, teacher, VOCABULARY + 5, CONFIG, tmp_path / "state.pt")
    fresh = distil(rows, teacher, VOCABULARY, CONFIG, tmp_path / "fresh.pt")
    np.testing.assert_array_equal(distil(rows, teacher, VOCABULARY, CONFIG, tmp_path / "state.pt"), fresh)


def test_distil_without_any_teacher_vector_still_aligns(tmp_path: Path) -> None:
    rows, teacher = pairs()
    alone = replace(rows, target=np.full(96, IGNORED))
    vectors = distil(alone, teacher, VOCABULARY, CONFIG, tmp_path / "state.pt")
    assert np.isfinite(vectors).all()

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.fake_teacher import FakeTeacher
from training import teacher
from training.errors import TrainingError

TEXTS = ["where is my order", "refund please", "", "password", "where is my order", "invoice"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTeacher:
    model = FakeTeacher()
    monkeypatch.setattr(teacher, "_load", lambda name: model)
    monkeypatch.setattr(teacher, "SHARD_SIZE", 2)
    return model


def test_embed_texts_gives_their_vectors_in_order(tmp_path: Path, fake: FakeTeacher) -> None:
    vectors = teacher.embed(TEXTS, "fake", tmp_path)
    np.testing.assert_allclose(vectors, FakeTeacher().encode(TEXTS), atol=1e-3)  # kept as half precision
    assert vectors.dtype == np.float32
    assert sorted(fake.seen) == sorted(set(TEXTS))


def test_embed_known_texts_are_not_embedded_again(tmp_path: Path, fake: FakeTeacher) -> None:
    first = teacher.embed(TEXTS, "fake", tmp_path)
    fake.seen.clear()
    again = teacher.embed([*TEXTS[::-1], "new"], "fake", tmp_path)
    assert fake.seen == ["new"]
    np.testing.assert_array_equal(again[:-1], first[::-1])


def test_embed_everything_known_loads_no_model(
    tmp_path: Path, fake: FakeTeacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher.embed(TEXTS, "fake", tmp_path)
    monkeypatch.setattr(teacher, "_load", lambda name: pytest.fail("loaded"))
    teacher.embed(TEXTS, "fake", tmp_path)


def test_embed_killed_run_goes_on_where_it_stopped(tmp_path: Path, fake: FakeTeacher) -> None:
    fake.calls_left = 2
    with pytest.raises(KeyboardInterrupt):
        teacher.embed(TEXTS, "fake", tmp_path)
    kept = set(fake.seen)
    fake.calls_left, fake.seen = 1_000, []
    teacher.embed(TEXTS, "fake", tmp_path)
    assert len(kept) == 4
    assert set(fake.seen) == set(TEXTS) - kept
    assert not list(tmp_path.glob("*.partial"))


def test_embed_other_teacher_has_its_own_vectors(tmp_path: Path, fake: FakeTeacher) -> None:
    teacher.embed(TEXTS, "fake", tmp_path)
    fake.seen.clear()
    teacher.embed(TEXTS, "other", tmp_path)
    assert len(fake.seen) == len(set(TEXTS))


def test_embed_teacher_that_cannot_be_loaded_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(TrainingError, match="--teacher"):
        teacher.embed(["a"], str(tmp_path / "nothing"), tmp_path)


def test_resolve_teacher_folder_is_itself(tmp_path: Path) -> None:
    assert teacher.resolve_teacher(str(tmp_path)) == str(tmp_path)
    assert teacher.resolve_teacher("some/model") == "some/model"


def test_reduce_fewer_dimensions_keep_the_similarities_and_the_unit_length() -> None:
    random = np.random.default_rng(0)
    flat = (random.standard_normal((200, 4)) @ random.standard_normal((4, 32))).astype(np.float32)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    small = teacher.reduce(flat, 4)
    assert small.shape == (200, 4)
    np.testing.assert_allclose(np.linalg.norm(small, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(small @ small.T, flat @ flat.T, atol=1e-3)


def test_reduce_vectors_that_are_short_enough_are_only_normalised() -> None:
    vectors = np.array([[3.0, 4.0], [0.0, 2.0]], dtype=np.float32)
    np.testing.assert_allclose(teacher.reduce(vectors, 8), [[0.6, 0.8], [0, 1]], atol=1e-6)

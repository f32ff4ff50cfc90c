from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from evaluation.clustering import FEWEST_FOR_DIRECTIONS, UNCLUSTERED, Background, cluster_rows


def blobs(
    sizes: list[int], dim: int = 20, noise: float = 0.05, seed: int = 1
) -> tuple[NDArray[np.float32], list[int]]:
    random = np.random.default_rng(seed)
    truth = [number for number, size in enumerate(sizes) for _ in range(size)]
    rows = np.eye(dim)[truth] + random.normal(size=(len(truth), dim)) * noise
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), truth


def test_cluster_rows_finds_the_groups_largest_first_and_leaves_out_the_small() -> None:
    rows, truth = blobs([10, 30, 2])
    found = cluster_rows(rows, distance=0.5, fewest=5)
    assert found.tolist() == [{0: 1, 1: 0, 2: UNCLUSTERED}[number] for number in truth]


def test_cluster_rows_more_rows_than_are_grouped_directly_join_the_nearest_group() -> None:
    rows, truth = blobs([400, 300, 200, 5])
    found = cluster_rows(rows, distance=0.5, fewest=10, most_rows=100)
    assert adjusted_rand_score(truth, found) > 0.99
    assert set(found[-5:]) == {UNCLUSTERED}
    assert np.array_equal(found, cluster_rows(rows, distance=0.5, fewest=10, most_rows=100))


def test_cluster_rows_texts_without_a_known_word_belong_nowhere() -> None:
    rows, _ = blobs([10])
    found = cluster_rows(np.concatenate([rows, np.zeros((3, 20), np.float32)]), distance=0.5, fewest=5)
    assert found.tolist() == [0] * 10 + [UNCLUSTERED] * 3


def test_cluster_rows_too_few_rows_make_no_group() -> None:
    assert cluster_rows(blobs([3])[0], distance=0.5, fewest=5).tolist() == [UNCLUSTERED] * 3
    assert len(cluster_rows(np.zeros((0, 4), np.float32), distance=0.5, fewest=5)) == 0


def test_background_without_it_the_same_matter_of_two_languages_is_near() -> None:
    random = np.random.default_rng(2)
    offset = {"ja": np.eye(20)[18] * 2, "de": np.eye(20)[19] * 2}
    background, rows = Background(), []
    for number in range(400):
        language = ("ja", "de")[number % 2]
        row = np.eye(20)[number % 6] + offset[language] + random.normal(size=20) * 0.05
        background.add(language, row.astype(np.float32))
        if number < 12:
            rows.append(row.astype(np.float32))
    cleaned = background.remove_from(np.stack(rows), ["ja", "de"] * 6)
    raw = np.stack(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
    assert raw[0] @ raw[2] > raw[0] @ raw[3]
    assert cleaned[0] @ cleaned[6] > 0.9
    assert cleaned[0] @ cleaned[3] < 0.3


def test_background_strongest_direction_of_many_texts_is_removed() -> None:
    random = np.random.default_rng(3)
    background = Background()
    rows = random.normal(size=(FEWEST_FOR_DIRECTIONS, 100)).astype(np.float32)
    rows[:, 0] *= 10
    for row in rows:
        background.add("zh", row)
    cleaned = background.remove_from(rows, ["zh"] * len(rows))
    assert np.abs(cleaned[:, 0]).max() < 0.05
    np.testing.assert_allclose(np.linalg.norm(cleaned, axis=1), 1, rtol=1e-5)


def test_background_zero_row_stays_zero() -> None:
    background = Background()
    background.add("ja", np.ones(3, np.float32))
    assert not background.remove_from(np.zeros((1, 3), np.float32), ["ja"]).any()

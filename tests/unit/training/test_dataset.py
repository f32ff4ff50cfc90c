from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.augment import augment
from data.schema import Split
from data.tickets import write_tickets
from models.features import FeatureReader
from models.token_counts import token_ids
from tests.unit.training.toy import toy_reader, toy_tickets
from training.dataset import divide_calibration, folds, load_dataset, make_rows
from training.errors import TrainingError


@pytest.fixture(scope="module")
def reader() -> FeatureReader:
    return toy_reader()


def write(folder: Path, tickets: list) -> Path:  # type: ignore[type-arg]
    folder.mkdir(parents=True, exist_ok=True)
    write_tickets(tickets, folder / "t.jsonl")
    return folder


def test_load_dataset_only_the_training_split_is_augmented(tmp_path: Path, reader: FeatureReader) -> None:
    dataset = load_dataset(reader, write(tmp_path / "tickets", toy_tickets()), variants=2)
    authored = [ticket for ticket in dataset.train.tickets if ticket.source == "authored"]
    assert len(dataset.train.tickets) == 3 * len(authored)
    for rows in (dataset.tuning, dataset.certifying, dataset.test):
        assert {ticket.source for ticket in rows.tickets} == {"authored"}
    assert len(dataset.train.features) == len(dataset.train.tickets)


def test_load_dataset_hash_depends_on_training_and_calibration_only(
    tmp_path: Path, reader: FeatureReader
) -> None:
    tickets = toy_tickets()
    first = load_dataset(reader, write(tmp_path / "a", tickets)).hash
    assert load_dataset(reader, write(tmp_path / "b", tickets[::-1])).hash == first
    changed = [replace(t, message="別の文") if t.split is Split.TEST else t for t in tickets]
    assert load_dataset(reader, write(tmp_path / "c", changed)).hash == first
    changed = [replace(t, message="別の文") if t.split is Split.CALIBRATION else t for t in tickets]
    assert load_dataset(reader, write(tmp_path / "d", changed)).hash != first


@pytest.mark.parametrize("split", Split)
def test_load_dataset_empty_split_is_refused(tmp_path: Path, reader: FeatureReader, split: Split) -> None:
    tickets = [ticket for ticket in toy_tickets() if ticket.split is not split]
    with pytest.raises(TrainingError, match=f"no ticket of the split {split}"):
        load_dataset(reader, write(tmp_path, tickets))


def test_folds_patterns_stay_together_and_only_authored_are_held_out(reader: FeatureReader) -> None:
    authored = [ticket for ticket in toy_tickets() if ticket.split is Split.TRAIN]
    rows = make_rows([*authored, *augment(authored, 2)], reader)
    seen: list[int] = []
    for train, held_out in folds(rows, 3, seed=13):
        assert not {rows.tickets[i].pattern for i in train} & {rows.tickets[i].pattern for i in held_out}
        assert {rows.tickets[i].source for i in held_out} == {"authored"}
        seen += held_out.tolist()
    assert sorted(seen) == list(range(len(authored)))


def test_folds_same_seed_gives_the_same_ones(reader: FeatureReader) -> None:
    rows = make_rows([ticket for ticket in toy_tickets() if ticket.split is Split.TRAIN], reader)
    one, same, other = (folds(rows, 3, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a[1], b[1]) for a, b in zip(one, other, strict=True))


def test_take_and_join_rows_keep_tickets_and_features_together(reader: FeatureReader) -> None:
    rows = make_rows(toy_tickets()[:6], reader)
    again = rows.take(np.array([0, 1, 2])).join(rows.take(np.array([3, 4, 5])))
    assert list(again.tickets) == list(rows.tickets)
    for one, other in zip(token_ids(again.features.tokens), token_ids(rows.features.tokens), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(again.features.dense, rows.features.dense)
    np.testing.assert_array_equal(again.features.ngrams.toarray(), rows.features.ngrams.toarray())


def test_divide_calibration_pattern_stays_in_its_part_whatever_is_added() -> None:
    tickets = [ticket for ticket in toy_tickets() if ticket.split is Split.CALIBRATION]
    tuning, certifying = divide_calibration(tickets)
    assert sorted(t.id for t in [*tuning, *certifying]) == sorted(t.id for t in tickets)
    assert not {t.pattern for t in tuning} & {t.pattern for t in certifying}
    fewer = divide_calibration(tickets[: len(tickets) // 2])
    assert {t.id for t in fewer[0]} <= {t.id for t in tuning}
    assert {t.id for t in fewer[1]} <= {t.id for t in certifying}


def test_divide_calibration_too_few_for_two_parts_is_refused() -> None:
    with pytest.raises(TrainingError, match="label at least 20"):
        divide_calibration(toy_tickets()[:1])

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from data.benchmark import Part, keep_languages, keep_shots, load_benchmark
from data.errors import DataError
from data.public_sets import LabelledText


def write(path: Path, *rows: tuple[str, str]) -> None:
    lines = (
        json.dumps({"id": 1, "text": text, "label": label}, ensure_ascii=False) + "\n" for text, label in rows
    )
    path.write_text("".join(lines), encoding="utf-8")


def say_spanish(texts: Sequence[str]) -> str:
    return "es"


def test_load_benchmark_languages_come_from_the_names_or_are_identified(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", ("dónde está mi pedido", "order"), ("contraseña", "password"))
    write(tmp_path / "ja.test.jsonl", ("返金してください", "refund"))
    found = load_benchmark(tmp_path, say_spanish)
    assert [row.language for row in found.train] == ["es", "es"]
    assert found.measured == {Part.TEST: [LabelledText("返金してください", "refund", "ja", "1")]}


def test_load_benchmark_out_of_scope_files_join_their_split(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", ("a", "x"), ("天気は", "oos"))
    write(tmp_path / "oos_train.jsonl", ("b", "oos"))
    write(tmp_path / "dev.jsonl", ("c", "x"))
    write(tmp_path / "oos_dev.jsonl", ("wie wird das Wetter", "oos"))
    write(tmp_path / "oos_pretrain.jsonl", ("never read", "oos"))
    found = load_benchmark(tmp_path, say_spanish)
    assert sorted(row.text for row in found.train) == ["a", "b", "天気は"]
    assert sorted(row.label for row in found.parts[Part.DEV]) == ["oos", "x"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no training rows"),
        ({"train.jsonl": "", "test.jsonl": '{"text": "a", "label": "x"}'}, "no training rows"),
        ({"train.jsonl": '{"text": "a", "label": "x"}'}, "nothing to measure on"),
        ({"train.jsonl": '{"text": "a"}'}, r"train\.jsonl:1: the field 'label' is missing"),
        ({"train.jsonl": '{"text": "a", "label": " "}'}, r"train\.jsonl:1: the label is empty"),
    ],
)
def test_load_benchmark_unusable_folder_is_refused(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_benchmark(tmp_path, say_spanish)


def test_load_benchmark_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a folder"):
        load_benchmark(tmp_path / "none", say_spanish)


def test_keep_shots_draws_so_many_of_each_label_and_the_same_again() -> None:
    rows = [LabelledText(f"{label} {number}", label, "de") for label in "xyz" for number in range(20)]
    rows.append(LabelledText("選ぶ", "rare", "ja"))
    kept = keep_shots(rows, 5, seed=1)
    assert Counter(row.label for row in kept) == {"x": 5, "y": 5, "z": 5, "rare": 1}
    assert kept == keep_shots(rows, 5, seed=1) != keep_shots(rows, 5, seed=2)


def test_keep_languages_unknown_language_is_refused() -> None:
    rows = [LabelledText("a", "x", "en"), LabelledText("い", "x", "ja")]
    assert keep_languages(rows, ["ja"]) == rows[1:]
    with pytest.raises(DataError, match="no training rows in fr; there are en, ja"):
        keep_languages(rows, ["en", "fr"])

"""A labelled set in a folder: ``train.jsonl``, ``dev.jsonl``, ``test.jsonl``, or ``en.train.jsonl`` and so on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.json_lines import read_objects, text_of
from data.public_sets import OUT_OF_SCOPE, LabelledText


class Part(StrEnum):
    """The splits a folder may hold."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True)
class BenchmarkSet:
    """The rows of each split that is there; `train` always is."""

    parts: Mapping[Part, Sequence[LabelledText]]

    @property
    def train(self) -> Sequence[LabelledText]:
        """The rows to learn from."""
        return self.parts[Part.TRAIN]

    @property
    def measured(self) -> dict[Part, Sequence[LabelledText]]:
        """The splits to measure on."""
        return {part: rows for part, rows in self.parts.items() if part is not Part.TRAIN}


def load_benchmark(folder: Path, identify: Callable[[Sequence[str]], str]) -> BenchmarkSet:
    """Returns the rows of a folder; those of ``oos_<split>.jsonl`` are read with their split.

    Args:
        folder: of JSON lines with ``text`` and ``label``; of other keys only ``language`` and ``id`` are read: rows
            with one id are translations of each other.
        identify: tells the language of a file whose name does not.

    Raises:
        DataError: no training rows, nothing to measure on, or a row is not one; the message has file and line.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; name one that holds train.jsonl and test.jsonl")
    parts = {part: _read_part(folder, part, identify) for part in Part}
    if not any(row.label != OUT_OF_SCOPE for row in parts[Part.TRAIN]):
        raise DataError(f"{folder}: no training rows in train.jsonl or <language>.train.jsonl")
    found = {part: rows for part, rows in parts.items() if rows}
    if len(found) == 1:
        raise DataError(
            f"{folder}: nothing to measure on: no rows in dev.jsonl, test.jsonl or <language>.test.jsonl"
        )
    return BenchmarkSet(found)


def keep_languages(rows: Sequence[LabelledText], languages: Sequence[str]) -> list[LabelledText]:
    """Returns the rows in some languages.

    Raises:
        DataError: a language has no row.
    """
    there = {row.language for row in rows}
    missing = sorted(set(languages) - there)
    if missing:
        raise DataError(f"no training rows in {', '.join(missing)}; there are {', '.join(sorted(there))}")
    return [row for row in rows if row.language in languages]


def keep_shots(rows: Sequence[LabelledText], shots: int, seed: int) -> list[LabelledText]:
    """Returns at most `shots` rows of each label, drawn at random from all languages, in their order."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_label[row.label].append(number)
    random = np.random.default_rng(seed)
    kept: list[int] = []
    for label in sorted(by_label):
        kept.extend(random.permutation(by_label[label])[:shots].tolist())
    return [rows[number] for number in sorted(kept)]


def _read_part(folder: Path, part: Part, identify: Callable[[Sequence[str]], str]) -> list[LabelledText]:
    rows: list[LabelledText] = []
    unnamed: list[LabelledText] = []
    for path in sorted(folder.glob(f"*{part}.jsonl")):
        prefix, _, stem = path.name.removesuffix(".jsonl").rpartition(".")
        if stem in {part, f"{OUT_OF_SCOPE}_{part}"}:
            read = _read_file(path, prefix)
            rows.extend(row for row in read if row.language)
            unnamed.extend(row for row in read if not row.language)
    if unnamed:
        language = identify([row.text for row in unnamed])
        rows.extend(replace(row, language=language) for row in unnamed)
    return rows


def _read_file(path: Path, language: str) -> list[LabelledText]:
    return [
        LabelledText(
            text_of(row, "text", where),
            _label(row, where),
            language or str(row.get("language") or ""),
            str(row.get("id", "")),
        )
        for where, row in read_objects(path)
    ]


def _label(row: Mapping[str, object], where: str) -> str:
    label = text_of(row, "label", where).strip()
    if not label:
        raise DataError(f"{where}: the label is empty")
    return label

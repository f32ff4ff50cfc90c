"""A benchmark from a folder to figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.benchmark import BenchmarkSet, Part, keep_languages, keep_shots
from data.public_sets import OUT_OF_SCOPE, LabelledText
from evaluation.labelling import Labelling, figures_of
from training.benchmark.fitting import BenchmarkConfig
from training.benchmark.head import BenchmarkHead, Demands, fit_benchmark_head
from training.benchmark.texts import TextReader

BLOCK = 20_000
Baseline = Callable[[Sequence[LabelledText], Sequence[str]], list[str]]
"""Labels texts by training rows."""


@dataclass(frozen=True)
class BenchmarkResult:
    """What a benchmark found.

    Attributes:
        train: the rows that were learnt from.
        found: each measured split; `baseline` likewise, empty where none was trained.
        train_seconds: to fit the head; `baseline_seconds` to fit and apply the baseline.
        texts_per_second: read and labelled, on the measured splits.
    """

    train: Sequence[LabelledText]
    head: BenchmarkHead
    found: Mapping[Part, Labelling]
    baseline: Mapping[Part, Labelling]
    train_seconds: float
    texts_per_second: float
    baseline_seconds: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Returns the figures as JSON holds them."""
        figures: dict[str, Any] = {str(part): figures_of(found) for part, found in self.found.items()}
        figures |= {
            "train_seconds": round(self.train_seconds, 3),
            "texts_per_second": round(self.texts_per_second, 1),
            "train_rows": len(self.train),
            "labels": len(self.head.labels),
            "shares": {str(name): share for name, share in self.head.known.shares.items()},
        }
        if set(self.foreign_languages):
            figures["shares_of_other_languages"] = {
                str(name): share for name, share in self.head.foreign.shares.items()
            }
        if self.baseline:
            figures["baseline"] = {str(part): figures_of(found) for part, found in self.baseline.items()}
            figures["baseline"]["seconds"] = round(self.baseline_seconds, 3)
        return figures

    @property
    def foreign_languages(self) -> list[str]:
        """The measured languages without a training text."""
        measured = {name for found in self.found.values() for name in found.languages.tolist()}
        return sorted(measured - self.head.languages)


def choose_rows(
    rows: Sequence[LabelledText], languages: Sequence[str], shots: int | None, seed: int
) -> list[LabelledText]:
    """Returns the training rows in `languages` (all where none is named), at most `shots` a label.

    Raises:
        DataError: a language has no row.
    """
    kept = keep_languages(rows, languages) if languages else list(rows)
    return keep_shots(kept, shots, seed) if shots else kept


def run_benchmark(
    rows: BenchmarkSet,
    train: Sequence[LabelledText],
    reader: TextReader,
    config: BenchmarkConfig,
    baseline: Baseline | None = None,
) -> BenchmarkResult:
    """Returns what a head fitted on `train` says of the measured splits.

    Args:
        rows: the whole set; only its measured splits are read.
        train: what is learnt from.
        reader: reads the texts.
        config: the settings.
        baseline: what to compare with, if anything.

    Raises:
        TrainingError: the training rows have fewer than two labels.
    """
    measured = [row for found in rows.measured.values() for row in found]
    demands = Demands(
        strangers=any(row.label == OUT_OF_SCOPE for row in [*train, *measured]),
        foreign=bool({row.language for row in measured} - {row.language for row in train}),
    )
    started = time.perf_counter()
    head = fit_benchmark_head(train, reader, config, demands)
    fitted = time.perf_counter()
    found = {part: _judge(head, of_part) for part, of_part in rows.measured.items()}
    judged = time.perf_counter()
    compared = _compare(rows, train, baseline) if baseline else {}
    return BenchmarkResult(
        train,
        head,
        found,
        compared,
        train_seconds=fitted - started,
        texts_per_second=len(measured) / max(judged - fitted, 1e-9),
        baseline_seconds=time.perf_counter() - judged,
    )


def _judge(head: BenchmarkHead, rows: Sequence[LabelledText]) -> Labelling:
    """Labels block by block: memory must not grow with the split."""
    blocks = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
    verdicts = [head.judge([row.text for row in block], [row.language for row in block]) for block in blocks]
    return Labelling.of(
        rows,
        [label for verdict in verdicts for label in verdict.labels],
        [label for verdict in verdicts for label in verdict.nearest],
        np.concatenate([verdict.strangeness for verdict in verdicts]),
    )


def _compare(rows: BenchmarkSet, train: Sequence[LabelledText], baseline: Baseline) -> dict[Part, Labelling]:
    """Returns the baseline's labels of in-scope rows: it refuses nothing."""
    measured = {
        part: [row for row in found if row.label != OUT_OF_SCOPE] for part, found in rows.measured.items()
    }
    labels = baseline(train, [row.text for found in measured.values() for row in found])
    compared, start = {}, 0
    for part, found in measured.items():
        own = labels[start : start + len(found)]
        compared[part] = Labelling.of(found, own, own, np.zeros(len(found)))
        start += len(found)
    return compared

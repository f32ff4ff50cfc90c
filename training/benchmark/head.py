"""The head of a benchmark: three views, joined by what serves texts held out of the training split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.public_sets import OUT_OF_SCOPE, LabelledText
from training.benchmark.blend import Blend, fit_blend
from training.benchmark.fitting import BenchmarkConfig, Fitter, read_views
from training.benchmark.folds import Folds, deal_groups, group_rows, leave_language_out
from training.benchmark.refusal import Refusal, fit_refusal
from training.benchmark.texts import TextBatch, TextReader
from training.benchmark.views import FittedView, ViewName
from training.errors import TrainingError


@dataclass(frozen=True)
class Verdicts:
    """What a head says of a batch.

    Attributes:
        labels: of each text, ``oos`` where it was refused; `nearest` without regard to refusal.
        strangeness: ``(n,)``, how far out of scope; higher is further.
    """

    labels: Sequence[str]
    nearest: Sequence[str]
    strangeness: NDArray[np.float64]


@dataclass(frozen=True)
class BenchmarkHead:
    """A fitted head.

    Attributes:
        labels: the classes, in the order of the columns.
        languages: those with training texts, joined by `known`; all others are joined by `foreign`.
        refusal: None where nothing is out of scope.
    """

    reader: TextReader
    labels: tuple[str, ...]
    views: Mapping[ViewName, FittedView]
    languages: frozenset[str]
    known: Blend
    foreign: Blend
    refusal: Refusal | None

    def judge(self, texts: Sequence[str], languages: Sequence[str]) -> Verdicts:
        """Returns the verdicts on texts in `languages`."""
        batch = self.reader.read(texts)
        logits = read_views(self.views, batch)
        familiar = np.array([language in self.languages for language in languages], dtype=bool)[:, None]
        logs = np.where(
            familiar, self.known.log_probabilities(logits), self.foreign.log_probabilities(logits)
        )
        nearest = [self.labels[column] for column in logs.argmax(axis=1)]
        if self.refusal is None:
            return Verdicts(nearest, nearest, -logs.max(axis=1).astype(np.float64))
        strangeness = self.refusal.score(batch.embedding, logs)
        refused = strangeness > self.refusal.threshold
        labels = [OUT_OF_SCOPE if out else name for name, out in zip(nearest, refused, strict=True)]
        return Verdicts(labels, nearest, strangeness)


@dataclass(frozen=True)
class Demands:
    """What a head will meet.

    Attributes:
        strangers: whether texts may be out of scope.
        foreign: whether there are languages without a training text.
    """

    strangers: bool = False
    foreign: bool = False


def fit_benchmark_head(
    rows: Sequence[LabelledText], reader: TextReader, config: BenchmarkConfig, demands: Demands
) -> BenchmarkHead:
    """Returns the head fitted on training rows; those labelled ``oos`` only teach what to refuse.

    Raises:
        TrainingError: there are fewer than two labels.
    """
    inside = [row for row in rows if row.label != OUT_OF_SCOPE]
    labels = tuple(sorted({row.label for row in inside}))
    if len(labels) < 2:
        raise TrainingError(f"a head needs two labels or more; the training rows have only {labels}")
    batch = reader.read([row.text for row in inside])
    strangers = reader.read([row.text for row in rows if row.label == OUT_OF_SCOPE])
    targets = np.searchsorted(labels, [row.label for row in inside])
    languages = np.array([row.language for row in inside])
    fitter = Fitter(reader, labels, config)
    groups = group_rows(np.array([row.group for row in inside]), languages)
    trial = fitter.try_out(batch, targets, _folds(targets, groups, config, demands), strangers)
    known = fit_blend(trial.logits, trial.targets) if trial else Blend.alone(fitter.foremost)
    foreign = _fit_foreign(fitter, batch, targets, languages, known) if demands.foreign else known
    refusal = fit_refusal(batch, targets, trial, known, strangers) if demands.strangers and trial else None
    views = trial.views if trial and len(batch) > config.large else fitter.fit(batch, targets)
    return BenchmarkHead(reader, labels, views, frozenset(languages.tolist()), known, foreign, refusal)


def _folds(
    targets: NDArray[np.intp], groups: NDArray[np.intp], config: BenchmarkConfig, demands: Demands
) -> Folds:
    if len(targets) > config.large:
        return deal_groups(targets, groups, len(targets) // config.held_out_of_large, 1, config.seed)
    folds = deal_groups(targets, groups, config.folds, config.held_out, config.seed)
    if config.fine_tuning:  # one view has no shares to choose, and trying it out doubles the time
        return folds[:1] if demands.strangers else []
    return folds


def _fit_foreign(
    fitter: Fitter, batch: TextBatch, targets: NDArray[np.intp], languages: NDArray[np.str_], known: Blend
) -> Blend:
    """Returns the blend for languages without a training text.

    It is learnt on a language left out; where only one was trained on, the foremost view serves alone.
    """
    if len(set(languages.tolist())) == 1 or fitter.config.fine_tuning:
        return Blend.alone(fitter.foremost, known.scales[fitter.foremost])
    order = np.random.default_rng(fitter.config.seed).permutation(len(batch))
    rows = np.sort(order[: fitter.config.left_out])
    folds = leave_language_out(languages[rows])
    trial = fitter.try_out(batch.take(rows), targets[rows], folds, batch.take(rows[:0]))
    return fit_blend(trial.logits, trial.targets) if trial else known

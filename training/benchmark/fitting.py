"""Fitting every view, once on all texts and before that on parts of them, to see what each is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.head_kinds import HeadKind
from training.benchmark.blend import Logits
from training.benchmark.embedding_view import EmbeddingConfig, fit_embedding_view
from training.benchmark.fine_tuned_view import fit_fine_tuned_view
from training.benchmark.folds import Folds
from training.benchmark.kernel_view import KernelConfig, fit_kernel_view
from training.benchmark.ngram_view import NgramConfig, fit_ngram_view
from training.benchmark.texts import TextBatch, TextReader
from training.benchmark.views import FittedView, ViewName, fit_token_view
from training.fine_tuning import FineTuningConfig
from training.heads import HeadsConfig
from training.token_view import TokenViewConfig

TOKENS = TokenViewConfig(epochs=10, seeds=(13,))


@dataclass(frozen=True)
class BenchmarkConfig:
    """How a benchmark's head is fitted.

    Attributes:
        kernel: reads the embedding where there are at most `few` texts, `network` where there are more.
        fine_tuning: where it is set, a fine-tuned transformer is the only view.
        folds: the training texts are cut into so many parts; as many are held out in turn as give `held_out` texts.
        large: where there are more training texts, `held_out_of_large` are held out once, and the views fitted
            without them are kept: fitting anew would double the time for three texts in a hundred more.
        left_out: a language is left out of a sample of at most so many texts, see `foreign` of the head.
    """

    kernel: KernelConfig = field(default_factory=KernelConfig)
    network: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    tokens: TokenViewConfig = TOKENS
    ngrams: NgramConfig = field(default_factory=NgramConfig)
    fine_tuning: FineTuningConfig | None = None
    few: int = 3_000
    folds: int = 5
    held_out: int = 1_000
    large: int = 30_000
    held_out_of_large: int = 2_500
    left_out: int = 12_000
    seed: int = 13

    @classmethod
    def of(cls, heads: HeadsConfig, seed: int) -> BenchmarkConfig:
        """Returns the settings of the configured kind of head, with every random number drawn from `seed`."""
        return cls(
            fine_tuning=heads.fine_tuning if heads.kind is HeadKind.FINE_TUNED else None,
            network=EmbeddingConfig(seeds=(seed,)),
            tokens=replace(TOKENS, seeds=(seed,)),
            ngrams=NgramConfig(seed=seed),
            seed=seed,
        )


@dataclass(frozen=True)
class Trial:
    """What views said of texts they were not fitted on.

    Attributes:
        views: of the first fold.
        rows: which texts; `targets` the class of each.
        logits: ``(n, classes)`` of each view.
        first: how many of the rows are of the first fold; they come first.
        stranger_logits: likewise of texts that are out of scope, by the first fold's views.
        fitted_on: the rows the first fold's views were fitted on.
    """

    views: Mapping[ViewName, FittedView]
    rows: NDArray[np.intp]
    targets: NDArray[np.intp]
    logits: Logits
    first: int
    stranger_logits: Logits
    fitted_on: NDArray[np.intp]


@dataclass(frozen=True)
class Fitter:
    """Fits the views of a head with `names` of classes."""

    reader: TextReader
    names: Sequence[str]
    config: BenchmarkConfig

    @property
    def foremost(self) -> ViewName:
        """The view that serves alone where nothing was held out, and in languages without a training text."""
        return ViewName.FINE_TUNED if self.config.fine_tuning else ViewName.EMBEDDING

    def fit(self, batch: TextBatch, targets: NDArray[np.intp]) -> dict[ViewName, FittedView]:
        """Returns the views, fitted on the class of each text."""
        config, classes = self.config, len(self.names)
        if config.fine_tuning:
            return {ViewName.FINE_TUNED: fit_fine_tuned_view(batch, targets, classes, config.fine_tuning)}
        embedding: FittedView
        if len(batch) <= config.few:
            # A label's name, as far as it is words, is one more text of that label.
            named = self.reader.read([name.replace("_", " ").replace("-", " ") for name in self.names])
            known = np.concatenate([targets, np.arange(classes)])
            embedding = fit_kernel_view(batch.join(named), known, classes, config.kernel)
        else:
            embedding = fit_embedding_view(batch, targets, classes, config.network)
        return {
            ViewName.EMBEDDING: embedding,
            ViewName.TOKENS: fit_token_view(batch, targets, classes, self.reader.vocabulary, config.tokens),
            ViewName.NGRAMS: fit_ngram_view(batch, targets, classes, config.ngrams),
        }

    def try_out(
        self, batch: TextBatch, targets: NDArray[np.intp], folds: Folds, strangers: TextBatch
    ) -> Trial | None:
        """Returns what the views say of each fold when fitted on the rest; None without a fold."""
        if not folds:
            return None
        everything = np.arange(len(batch))
        parts, first = [], None
        for rows in folds:
            rest = np.setdiff1d(everything, rows)
            views = self.fit(batch.take(rest), targets[rest])
            parts.append(read_views(views, batch.take(rows)))
            first = first or (views, read_views(views, strangers), rest)
        rows = np.concatenate(folds)
        logits = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        assert first is not None
        views, stranger_logits, fitted_on = first
        return Trial(views, rows, targets[rows], logits, len(folds[0]), stranger_logits, fitted_on)


def read_views(views: Mapping[ViewName, FittedView], batch: TextBatch) -> dict[ViewName, NDArray[np.float32]]:
    """Returns the logits of every view."""
    return {name: view.logits(batch) for name, view in views.items()}

"""Fits the heads of the configured kind and calibrates them: light ones here, others by `training.fine_tuning`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from data.augment import AUGMENTED
from data.feedback import FeedbackTicket
from data.schema import LabelledTicket
from data.tone import TonePhrase
from models.features import Features, View
from models.head_kinds import HeadKind
from models.heads import Head, LightHead, LinearView, log_softmax
from models.static_encoder import StaticEncoder
from models.token_counts import token_ids
from training.errors import TrainingError
from training.fine_tuning import Example, FineTuningConfig, fine_tune
from training.fine_tuning_job import check_base
from training.linear_view import fit_linear_view
from training.token_view import TokenViewConfig, fit_token_views

Labelled = LabelledTicket | TonePhrase | FeedbackTicket
"""What a head learns from."""
OFFSET_PENALTY = 2.5
"""On the square of a class's offset, beside the summed log-likelihood: few tickets of a class move it little."""


@dataclass(frozen=True)
class HeadSpec:
    """One head to fit.

    Attributes:
        name: ``topic``, ``sentiment`` or ``urgent``; the attribute of a ticket that holds the label.
        token_view: which tokens are fine-tuned for it.
        strengths: inverse regularisation of each linear view; a view that is not named is not used.
        balanced: whether rare classes weigh as much as frequent ones, in linear views and in fine-tuning.
        offsets: whether calibration moves each class to how frequent it is among held-out tickets.
    """

    name: str
    token_view: View
    strengths: Mapping[View, float]
    balanced: bool = False
    offsets: bool = True

    def labels(self, tickets: Sequence[Labelled]) -> list[str | None]:
        """Returns the label of each row as text; None where it has none."""
        values = (getattr(ticket, self.name, None) for ticket in tickets)
        return [
            None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            for value in values
        ]


@dataclass(frozen=True)
class HeadsConfig:
    """How heads are fitted.

    Attributes:
        kind: light or fine-tuned; the latter only look at `fine_tuning`, the former only at the rest.
        token_views: how topics are fitted; `tone_views` how sentiment and urgency are.
        iterations: of L-BFGS on each linear view; n-grams are many, and stopping early suits them.
        share_step: grid of the shares that are tried on the calibration split.
    """

    kind: HeadKind = HeadKind.LIGHT
    fine_tuning: FineTuningConfig = field(default_factory=FineTuningConfig)
    token_views: TokenViewConfig = field(default_factory=TokenViewConfig)
    tone_views: TokenViewConfig = field(default_factory=lambda: TokenViewConfig(epochs=5, seeds=(13,)))
    iterations: Mapping[View, int] = field(
        default_factory=lambda: {View.DENSE: 100, View.TONE_DENSE: 100, View.NGRAMS: 30}
    )
    share_step: float = 0.1


Row_co = TypeVar("Row_co", bound=Labelled, covariant=True)


@dataclass(frozen=True)
class Rows(Generic[Row_co]):
    """Labelled tickets with the views of their texts."""

    tickets: Sequence[Row_co]
    features: Features

    def take(self, rows: NDArray[np.intp]) -> Rows[Row_co]:
        """Returns some of the rows."""
        return Rows([self.tickets[i] for i in rows], self.features.take(rows))

    def join(self, other: Rows[Labelled]) -> Rows[Labelled]:
        """Returns these rows and then the others."""
        return Rows([*self.tickets, *other.tickets], self.features.join(other.features))


def check_heads(config: HeadsConfig) -> None:
    """Raises a `TrainingError` for what would only be noticed when the heads' turn comes, minutes later."""
    if config.kind is HeadKind.FINE_TUNED:
        check_base(config.fine_tuning.base)


def train_heads(
    specs: Sequence[HeadSpec],
    train: Rows[Labelled],
    held_out: Rows[Labelled],
    vocabulary: StaticEncoder,
    config: HeadsConfig,
) -> dict[str, Head]:
    """Returns heads of the configured kind, fitted on `train` and calibrated on `held_out`.

    Raises:
        TrainingError: a head cannot be fitted, or a held-out label was never seen.
    """
    if config.kind is HeadKind.FINE_TUNED:
        return {spec.name: fine_tune_head(spec, train, held_out, config.fine_tuning) for spec in specs}
    heads = fit_heads(specs, train, vocabulary, config)
    return {spec.name: calibrate_head(heads[spec.name], spec, held_out, config.share_step) for spec in specs}


def fine_tune_head(
    spec: HeadSpec, train: Rows[Labelled], held_out: Rows[Labelled], config: FineTuningConfig
) -> Head:
    """Returns a fine-tuned head with the temperature that gives held-out labels the highest likelihood."""
    examples = [
        Example(row.text, label, getattr(row, "pattern", None))
        for row, label in zip(train.tickets, spec.labels(train.tickets), strict=True)
        if label is not None
    ]
    head = fine_tune(spec.name, examples, config, balanced=spec.balanced)
    target = _known_labels(spec, head.labels, held_out)
    logits = head.classifier.logits(held_out.features.texts)
    return replace(head, temperature=_fit_temperature(logits, target)[1])


def fit_heads(
    specs: Sequence[HeadSpec], train: Rows[Labelled], vocabulary: StaticEncoder, config: HeadsConfig
) -> dict[str, LightHead]:
    """Returns the heads fitted on `train`, every view with the same share, not yet calibrated.

    The linear views read authored tickets only: augmentation adds time there, not accuracy.
    """
    token_views: dict[str, LinearView] = {}
    for view in dict.fromkeys(spec.token_view for spec in specs):
        targets = {spec.name: spec.labels(train.tickets) for spec in specs if spec.token_view is view}
        tokens = token_ids(train.features.matrix(view))
        settings = config.tone_views if view is View.TONE_TOKENS else config.token_views
        token_views |= fit_token_views(tokens, targets, vocabulary, settings)
    authored = train.take(np.flatnonzero([is_authored(ticket) for ticket in train.tickets]))
    heads = {}
    for spec in specs:
        labels = spec.labels(authored.tickets)
        known = np.flatnonzero([label is not None for label in labels])
        names = [label for label in labels if label is not None]
        views = {spec.token_view: token_views[spec.name]}
        for view, strength in spec.strengths.items():
            matrix = authored.features.matrix(view)[known]
            rounds = config.iterations[view]
            views[view] = fit_linear_view(matrix, names, strength, spec.balanced, rounds)
        shared = {name: _half_precision(replace(view, share=1 / len(views))) for name, view in views.items()}
        heads[spec.name] = LightHead(tuple(sorted(set(names))), shared)
    return heads


def calibrate_head(head: LightHead, spec: HeadSpec, held_out: Rows[Labelled], step: float) -> LightHead:
    """Returns `head` with the shares, temperature and class offsets that give held-out labels the best likelihood.

    The offsets make up for classes that are rarer or more frequent than in training (bias-corrected temperature
    scaling, Alexandari et al. 2020). They are added to the bias of every view, whose shares sum to one.
    """
    target = _known_labels(spec, head.labels, held_out)
    logs = {name: log_softmax(view.logits(held_out.features, name)) for name, view in head.views.items()}
    best = min(
        (*_fit_temperature(sum_views(logs, shares), target), shares)
        for shares in _share_grid(tuple(head.views), step)
    )
    _, temperature, shares = best
    offsets = np.zeros(len(head.labels))
    if spec.offsets:
        offsets = fit_offsets(sum_views(logs, shares) / np.float32(temperature), target) * temperature
    views = {
        name: replace(view, share=dict(shares)[name], bias=view.bias + offsets.astype(np.float32))
        for name, view in head.views.items()
    }
    return LightHead(head.labels, views, temperature)


def _known_labels(spec: HeadSpec, classes: Sequence[str], rows: Rows[Labelled]) -> NDArray[np.intp]:
    """Returns the number of each row's class."""
    labels = [label for label in spec.labels(rows.tickets) if label is not None]
    unseen = set(labels) - set(classes)
    if unseen:
        raise TrainingError(f"{spec.name}: no training ticket is labelled {', '.join(sorted(unseen))}")
    return np.array([classes.index(label) for label in labels])


def is_authored(row: Labelled) -> bool:
    """Returns whether a person wrote the row as it is."""
    return isinstance(row, TonePhrase) or row.source != AUGMENTED


def sum_views(
    logs: Mapping[View, NDArray[np.float32]], shares: tuple[tuple[View, float], ...]
) -> NDArray[np.float32]:
    """Returns the weighted mean of log-probabilities, ``(n, classes)``."""
    return np.asarray(sum(share * logs[name] for name, share in shares), dtype=np.float32)


def _share_grid(names: tuple[View, ...], step: float) -> Iterator[tuple[tuple[View, float], ...]]:
    levels = round(1 / step)
    for counts in itertools.product(range(levels + 1), repeat=len(names)):
        if sum(counts) == levels:
            yield tuple((name, count / levels) for name, count in zip(names, counts, strict=True))


def _fit_temperature(joined: NDArray[np.float32], target: NDArray[np.intp]) -> tuple[float, float]:
    """Returns the mean negative log-likelihood and the temperature that minimises it (Guo et al. 2017)."""
    rows = np.arange(len(target))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(joined / np.float32(np.exp(log_temperature)))[rows, target].mean())

    found = minimize_scalar(loss, bounds=(-3.0, 2.0), method="bounded", options={"xatol": 1e-3})
    return float(found.fun), float(np.exp(found.x))


def fit_offsets(
    logits: NDArray[np.float32], target: NDArray[np.intp], strength: float = OFFSET_PENALTY
) -> NDArray[np.float64]:
    """Returns what to add to the logit of each class, ``(classes,)``, drawn to zero by `strength` times its square."""
    truth = np.eye(logits.shape[1], dtype=np.float32)[target]

    def loss(offsets: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logs = log_softmax(logits + offsets.astype(np.float32))
        slope = (np.exp(logs) - truth).sum(axis=0) + 2 * strength * offsets
        return -float((logs * truth).sum()) + strength * float(offsets @ offsets), slope.astype(np.float64)

    found = minimize(loss, np.zeros(logits.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def _half_precision(view: LinearView) -> LinearView:
    """Rounds the weights as they are stored, so that a saved head gives the same numbers."""
    return replace(view, weights=view.weights.astype(np.float16).astype(np.float32))

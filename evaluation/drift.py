"""Whether a desk's tickets have changed: labels, scores and texts of two sets, under one family of tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from evaluation.embedding_shift import FEWEST_ROWS, EmbeddingShift, measure_embedding_shift
from evaluation.label_shift import (
    LabelShift,
    difference_of_shares,
    fisher_p_value,
    measure_label_shift,
)
from evaluation.metrics import Interval, share
from evaluation.multiple_testing import holm
from evaluation.observation import READ, Observation

LEVEL = 0.05
NOTABLE = {"labels": 0.05, "scores": 0.05, "texts": 0.005}
"""Effects below these hardly matter, however sure they are; see `Finding.effect`."""
LANGUAGE, TOPIC = READ["language"], READ["topic"]


class Verdict(StrEnum):
    """What the tests come to."""

    NONE = "no drift"
    SMALL = "small drift"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class ScoreShift:
    """A score, or a share, in both sets.

    Attributes:
        reference: mean; `current` likewise.
        difference: of the means; with a 95 % interval where it is one of shares.
        effect: 0 for none, 1 for complete: of a score twice the distance of AUROC from one half, of a share the
            difference.
    """

    reference: float
    current: float
    difference: Interval
    effect: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One test of the family.

    Attributes:
        kind: ``labels``, ``scores`` or ``texts``.
        effect: total variation beyond chance, `ScoreShift.effect`, or squared mean discrepancy.
        p_value: corrected over the family (Holm).
    """

    kind: str
    name: str
    effect: float
    p_value: float

    @property
    def is_change(self) -> bool:
        """Whether chance alone is excluded."""
        return self.p_value < LEVEL

    @property
    def is_notable(self) -> bool:
        """Whether it is a change that matters."""
        return self.is_change and self.effect >= NOTABLE[self.kind]


@dataclass(frozen=True)
class Drift:
    """Everything that was compared.

    Attributes:
        labels: shift of each label that both sets have.
        scores: shift of each score.
        texts: shift of all embeddings (``all languages``) and within each language that has enough tickets.
    """

    labels: Mapping[str, LabelShift]
    scores: Mapping[str, ScoreShift]
    texts: Mapping[str, EmbeddingShift]

    @cached_property
    def findings(self) -> list[Finding]:
        """Every test, the surest first, corrected for their number."""
        tests = [
            *(("labels", name, shift.effect, shift.p_value) for name, shift in self.labels.items()),
            *(("scores", name, shift.effect, shift.p_value) for name, shift in self.scores.items()),
            *(("texts", name, shift.effect, shift.p_value) for name, shift in self.texts.items()),
        ]
        adjusted = holm([p_value for *_, p_value in tests]).tolist()
        found = [Finding(*test[:3], p_value) for test, p_value in zip(tests, adjusted, strict=True)]
        return sorted(found, key=lambda finding: (finding.p_value, -finding.effect))

    @property
    def verdict(self) -> Verdict:
        """What the tests come to: any false alarm comes up in at most one of twenty comparisons."""
        if any(finding.is_notable for finding in self.findings):
            return Verdict.DRIFT
        return Verdict.SMALL if any(finding.is_change for finding in self.findings) else Verdict.NONE

    def has_changed(self, kind: str, name: str) -> bool:
        """Whether a test of the family found a change."""
        return any(f.is_change for f in self.findings if (f.kind, f.name) == (kind, name))


ALL_LANGUAGES = "all languages"


def measure_drift(reference: Observation, current: Observation, *, seed: int = 13) -> Drift:
    """Returns how two sets of tickets differ; the same sets and seed give the same numbers."""
    both = [name for name in reference.labels if name in current.labels]
    labels = {
        name: measure_label_shift(reference.labels[name], current.labels[name], seed=seed) for name in both
    }
    return Drift(labels, _scores(reference, current), _texts(reference, current, seed))


def _scores(reference: Observation, current: Observation) -> dict[str, ScoreShift]:
    found = {
        "distance from everything known": _score(reference.novelty, current.novelty),
        "confidence in the topic": _score(reference.confidence, current.confidence),
        "predicted resolvable": _share(reference.resolvable, current.resolvable),
        "topic without an article": _share(reference.without_article, current.without_article),
    }
    truth = "topic on the label"
    if truth in reference.labels and truth in current.labels:
        right = [np.array(s.labels[truth]) == np.array(s.labels[TOPIC]) for s in (reference, current)]
        found["topic read right"] = _share(*right)
    return found


def _score(before: NDArray[np.float64], after: NDArray[np.float64]) -> ScoreShift:
    """Mann–Whitney test; its statistic is the chance that a current ticket scores higher."""
    test = mannwhitneyu(after, before, method="asymptotic")
    chance = float(test.statistic) / (len(before) * len(after))
    difference = float(after.mean() - before.mean())
    error = 1.96 * float(np.sqrt(before.var() / len(before) + after.var() / len(after)))
    interval = Interval(difference, difference - error, difference + error)
    p_value = float(test.pvalue) if np.isfinite(test.pvalue) else 1.0
    return ScoreShift(float(before.mean()), float(after.mean()), interval, abs(2 * chance - 1), p_value)


def _share(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> ScoreShift:
    counts = [(int(rows.sum()), len(rows)) for rows in (before, after)]
    first, second = (share(*count) for count in counts)
    difference = difference_of_shares(first, second)
    p_value = fisher_p_value(*counts)
    return ScoreShift(first.value, second.value, difference, abs(difference.value), p_value)


def _texts(reference: Observation, current: Observation, seed: int) -> dict[str, EmbeddingShift]:
    found = {}
    if min(len(reference), len(current)) >= FEWEST_ROWS:
        found[ALL_LANGUAGES] = measure_embedding_shift(reference.embeddings, current.embeddings, seed=seed)
    for language in sorted({*reference.labels[LANGUAGE], *current.labels[LANGUAGE]}):
        before, after = reference.rows_of(language), current.rows_of(language)
        if min(len(before), len(after)) >= FEWEST_ROWS:
            found[language] = measure_embedding_shift(
                reference.embeddings[before], current.embeddings[after], seed=seed
            )
    return found

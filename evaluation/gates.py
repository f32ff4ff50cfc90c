"""The gates of a promotion: figures in, verdicts out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from evaluation.comparison import Compared, FigureName, Labels, SliceKind, measure
from evaluation.metrics import expected_calibration_error, share
from evaluation.trial import Trial
from models.thresholds import Bound, Threshold, upper_bound
from serving.errors import ConfigError
from serving.settings.problems import Problem, from_validation
from serving.settings.section import Section

GATES_FILE = Path(__file__).parent / "gates.toml"
MEGABYTE = 1_000_000
CHANCE_DRAWS = 1000
Confidence = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Figures = tuple[FigureName, ...]


class ComparisonGate(Section):
    """Against the champion, with paired bootstrap intervals."""

    figures: Figures
    confidence: Confidence
    resamples: Annotated[int, Field(ge=100, le=1_000_000)]

    @property
    def judged(self) -> Figures:
        """The figures that are judged; the recall of each category always is."""
        return (*self.figures, FigureName.CATEGORY_RECALL)


class LanguageGate(Section):
    """How far a language may be below the best one."""

    figures: Figures
    below_best: Annotated[float, Field(ge=0, le=1)]
    min_tickets: Annotated[int, Field(ge=1)]


class GuaranteeGate(Section):
    """What is asked of thresholds and answers."""

    confidence: Confidence


class CalibrationGate(Section):
    """Highest calibration errors."""

    category: Positive
    resolution: Positive


class LatencyGate(Section):
    """Processor time of a ticket."""

    ms_per_ticket: Positive
    times_champion: Positive


class SizeGate(Section):
    """Megabytes on the disk."""

    bundle_mb: Positive
    encoder_mb: Positive


class Gates(Section):
    """Everything in gates.toml."""

    comparison: ComparisonGate
    languages: LanguageGate
    guarantee: GuaranteeGate
    calibration: CalibrationGate
    latency: LatencyGate
    size: SizeGate


@dataclass(frozen=True)
class Verdict:
    """What one gate says.

    Attributes:
        gate: its name, such as ``comparison.language.de.topic_accuracy``.
        sentence: what was found, and what was asked.
    """

    gate: str
    passed: bool
    sentence: str

    def plain(self) -> dict[str, Any]:
        """Returns the verdict for JSON."""
        return asdict(self)


def load_gates(path: Path | None = None) -> Gates:
    """Returns the gates in a file, the shipped ones where none is named.

    Raises:
        ConfigError: the file cannot be read, or holds a key or a value that is none.
    """
    path = path or GATES_FILE
    try:
        return Gates.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        problems = [Problem("", f"cannot be read: {error.strerror}")]
    except ValidationError as error:
        problems = from_validation(error, Gates)
    except ValueError as error:
        problems = [Problem("", f"is not TOML: {error}")]
    raise ConfigError(str(path), [str(problem) for problem in problems])


def check_alone(gates: Gates, trial: Trial, labels: Labels, bound: Bound) -> list[Verdict]:
    """Returns the verdicts that need no champion; `bound` is what the desk promises of its answers."""
    return [
        *_languages(gates.languages, measure(labels, trial.outcomes)[SliceKind.LANGUAGE]),
        *_thresholds(gates.guarantee, trial.thresholds, bound),
        *_answers(gates.guarantee, trial, bound),
        *_calibration(gates.calibration, trial, labels),
        _at_most("latency.ms_per_ticket", "ms a ticket", trial.latency_ms, gates.latency.ms_per_ticket),
        *_size(gates.size, trial),
    ]


def check_against(gates: Gates, trial: Trial, champion: Trial, compared: Sequence[Compared]) -> list[Verdict]:
    """Returns the verdicts of a comparison whose first is the champion."""
    ratio = trial.latency_ms / champion.latency_ms
    limit = gates.latency.times_champion
    return [
        *(_no_worse(row) for row in compared if row.figure in gates.comparison.judged),
        _at_most("latency.times_champion", "times the champion's time a ticket", ratio, limit),
    ]


def _no_worse(row: Compared) -> Verdict:
    passed = not row.joint.high < 0
    where = "over all tickets" if row.kind is SliceKind.ALL else f"in {row.kind} {row.name}"
    change = "worse by more than chance" if not passed else "not worse by more than chance"
    return Verdict(
        f"comparison.{row.kind}.{row.name}.{row.figure}",
        passed,
        f"{row.figure} {where} ({row.tickets:,} tickets): {row.first:.3f} → {row.second:.3f}, {change}: "
        f"{row.joint.value:+.3f} [{row.joint.low:+.3f}, {row.joint.high:+.3f}]",
    )


def _languages(gate: LanguageGate, figures: Mapping[str, Mapping[str, float]]) -> Iterator[Verdict]:
    judged = {name: row for name, row in figures.items() if row["tickets"] >= gate.min_tickets}
    for figure in gate.figures:
        values = {name: row[figure] for name, row in judged.items() if np.isfinite(row[figure])}
        best = max(values, key=lambda name: values[name], default="")
        for name, value in values.items():
            gap = values[best] - value
            yield Verdict(
                f"languages.{name}.{figure}",
                gap <= gate.below_best,
                f"{figure} in {name} is {value:.3f}, {gap:.3f} below {best} ({values[best]:.3f}); "
                f"allowed: {gate.below_best:.3f}",
            )


def _thresholds(gate: GuaranteeGate, thresholds: Mapping[str, Threshold], bound: Bound) -> Iterator[Verdict]:
    for name, threshold in sorted(thresholds.items()):
        if threshold.value is None:
            continue
        exact = upper_bound(threshold.wrong, threshold.accepted, gate.confidence)
        limit = max(exact, threshold.upper_bound)
        yield Verdict(
            f"guarantee.threshold.{name}",
            limit <= bound.wrong_share,
            f"threshold of {name}: {threshold.wrong} of {threshold.accepted} wrong in calibration, at most "
            f"{limit:.3f} wrong; promised: {bound.wrong_share:.3f}",
        )


def _answers(gate: GuaranteeGate, trial: Trial, bound: Bound) -> Iterator[Verdict]:
    seen = trial.outcomes
    proven = {name for name, threshold in trial.thresholds.items() if threshold.value is not None}
    unproven = sorted({str(name) for name in seen.category[seen.answered]} - proven)
    yield Verdict(
        "guarantee.proof",
        not unproven,
        f"answered without a proven threshold: {', '.join(unproven)}"
        if unproven
        else "every answered category has a proven threshold",
    )
    answered, wrong = int(seen.answered.sum()), int((seen.answered & ~seen.right).sum())
    found = share(wrong, answered, gate.confidence)
    measured = f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]" if answered else "none"
    yield Verdict(
        "guarantee.measured",
        found.low <= bound.wrong_share,
        f"wrong among {answered:,} answers on the test tickets: {measured}; promised: {bound.wrong_share:.3f}",
    )


def _calibration(gate: CalibrationGate, trial: Trial, labels: Labels) -> Iterator[Verdict]:
    seen = trial.outcomes
    heads = {
        "category": (seen.category_probability, seen.category == labels.category, gate.category),
        "resolution": (seen.resolution_probability, seen.right, gate.resolution),
    }
    for name, (probability, right, ceiling) in heads.items():
        found = expected_calibration_error(probability, right)
        chance = _chance_error(probability)
        yield Verdict(
            f"calibration.{name}",
            found <= max(ceiling, chance),
            f"calibration error of {name}: {found:.3f}; allowed: {ceiling:.3f} "
            f"(a perfectly calibrated model stays under {chance:.3f} on as many tickets)",
        )


def _chance_error(probability: NDArray[np.float64], bins: int = 10) -> float:
    """Returns the 95 % quantile of the error if the probabilities were true (Bröcker and Smith 2007)."""
    stated = np.sort(probability)
    starts = np.array([part[0] for part in np.array_split(np.arange(len(stated)), bins) if len(part)])
    expected = np.add.reduceat(stated, starts)
    random = np.random.default_rng(13)
    drawn = [
        np.abs(
            np.add.reduceat((random.random(len(stated)) < stated).astype(np.float64), starts) - expected
        ).sum()
        for _ in range(CHANCE_DRAWS)
    ]
    return float(np.quantile(drawn, 0.95)) / len(stated)


def _size(gate: SizeGate, trial: Trial) -> Iterator[Verdict]:
    yield _at_most("size.bundle_mb", "MB of bundle", trial.bundle_bytes / MEGABYTE, gate.bundle_mb)
    if trial.encoder_bytes is not None:
        yield _at_most("size.encoder_mb", "MB of encoder", trial.encoder_bytes / MEGABYTE, gate.encoder_mb)


def _at_most(gate: str, unit: str, value: float, limit: float) -> Verdict:
    return Verdict(gate, value <= limit, f"{value:.2f} {unit}; allowed: {limit:.2f}")

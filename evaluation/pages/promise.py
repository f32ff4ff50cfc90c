"""The page of ``firstline evaluate promise``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.figures import plain
from evaluation.populations import Population
from evaluation.promise import CERTIFYING, TUNING, Promised
from evaluation.report import Cell, Report, Section, Table
from models.thresholds import POOLED, Bound

COLUMNS = ("tickets", "promise kept", "broken most often", "kept for all answers", "answered", "right")


@dataclass(frozen=True)
class PromiseFigures:
    """Everything that was measured.

    Attributes:
        simulated: each known population with what became of the promises in it.
        divided: of the real calibration tickets, one half certifying and the other checking.
        source: the real tickets, in words.
    """

    bound: Bound
    simulated: Mapping[str, tuple[Population, Promised]]
    divided: Promised
    source: str
    bundle: str
    index: str

    @property
    def kept_everywhere(self) -> bool:
        """Whether no simulation contradicts the promised confidence."""
        return all(found.kept.high >= self.bound.confidence for _, found in self.simulated.values())


def promise_json(figures: PromiseFigures) -> dict[str, Any]:
    """Returns what ``--json`` prints."""
    found: dict[str, Any] = plain(
        {
            "bound": figures.bound,
            "kept_everywhere": figures.kept_everywhere,
            "simulated": {
                name: {"about": population.about, **_figures(promised)}
                for name, (population, promised) in figures.simulated.items()
            },
            "divided": _figures(figures.divided),
            "bundle": figures.bundle,
            "index": figures.index,
        }
    )
    return found


def promise_page(figures: PromiseFigures) -> Report:
    """Returns the report."""
    return Report(
        title="Whether the thresholds keep their promise",
        summary=_summary(figures),
        sections=[_simulated(figures), _divided(figures)],
        provenance={
            "tickets": figures.source,
            "bundle": figures.bundle,
            "index": figures.index,
            "command": "firstline evaluate promise",
        },
    )


def _figures(found: Promised) -> dict[str, Any]:
    return {
        "draws": found.draws,
        "kept": found.kept,
        "broken": found.broken,
        "broken_overall": found.broken_overall,
        "answered": found.answered,
        "right": found.right,
    }


def _summary(figures: PromiseFigures) -> list[str]:
    bound = figures.bound
    worst = min(figures.simulated.values(), key=lambda pair: pair[1].kept.value)
    verdict = "The promise was kept" if figures.kept_everywhere else "The promise was NOT kept"
    right = "" if math.isnan(figures.divided.right) else f", {figures.divided.right:.1%} rightly"
    promise = (
        f"Promised of each threshold: with {bound.confidence:.0%} confidence at most {bound.wrong_share:.0%} of its "
        "answers are wrong."
    )
    simulated = (
        f"{verdict}: in the worst of {len(figures.simulated)} known populations ({worst[0].name}) the threshold "
        f"that broke it most often kept it in {worst[1].kept.value:.1%} of {worst[1].draws:,} labelled sets "
        f"({worst[1].kept.low:.1%} to {worst[1].kept.high:.1%})."
    )
    divided = (
        f"Of the real tickets {figures.divided.answered:.1%} would be answered{right}, with half of them to certify "
        "and half to check."
    )
    return [promise, simulated, divided]


def _simulated(figures: PromiseFigures) -> Section:
    rows = [_row(name, found) for name, (_, found) in figures.simulated.items()]
    about = [(name, population.about) for name, (population, _) in figures.simulated.items()]
    note = (
        "Promise kept: of the category, or of those that share a threshold (*), that broke it most often; a category "
        "that is never answered keeps it. Kept for all answers: at most the promised share of all answers together is "
        "wrong, which no single threshold promises."
    )
    return Section(
        "Known populations",
        text=f"{TUNING:,} tuning and {CERTIFYING:,} certifying tickets are drawn again and again from populations in "
        "which the chance of every wrong answer is known, so that a promise is kept or broken without doubt.",
        tables=[
            Table("Labelled sets drawn", COLUMNS, rows, note),
            Table("The populations", ("population", "what is special about it"), about),
        ],
    )


def _divided(figures: PromiseFigures) -> Section:
    return Section(
        "Real tickets",
        text="Half of the certifying tickets, drawn again and again, proves the thresholds; the other half checks. "
        "It is small: chance alone puts some thresholds that keep their promise above the bound there.",
        tables=[Table("Divisions", COLUMNS, [_row(figures.source, figures.divided)])],
    )


def _row(name: str, found: Promised) -> list[Cell]:
    often = max(found.broken, key=lambda key: found.broken[key], default=None)
    named = "none" if often is None else "those that share" if often == POOLED else often
    overall = 1 - found.broken_overall / found.draws
    return [name, found.kept, named, overall, found.answered, found.right]

"""The figures of a backtest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.backtest.judging import CATEGORIES, LANGUAGES
from evaluation.backtest.labels import UNLABELLED
from evaluation.backtest.proof import Proof, expected_threshold, prove
from evaluation.backtest.replies import ReplyLabels
from evaluation.backtest.survey import CHANNELS, Cut, Survey
from evaluation.metrics import Interval, area_under_risk_coverage, coverage_at_precision, share
from models.thresholds import Bound
from serving.agents.operations import (
    MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent as Operations,
)
from serving.agents.operations import Tally
from serving.settings.desk import CostSettings

Mask = NDArray[np.bool_]
FAMILIAR = 0.95


@dataclass(frozen=True)
class Backtest:
    """Everything the figures are made of; one entry a ticket in the order of the file.

    Attributes:
        judged: `evaluation.backtest.judging.ROW` of each ticket.
        thresholds: of each category that has one; None means never.
        bound: what the thresholds promise.
        familiar: distance that `FAMILIAR` of the tickets the models were made with stay below; None if unknown.
    """

    survey: Survey
    cut: Cut
    judged: NDArray[np.void]
    replies: ReplyLabels
    thresholds: Mapping[str, float | None]
    bound: Bound
    costs: CostSettings
    familiar: float | None = None

    @cached_property
    def measured(self) -> Mask:
        """Tickets that count: not learnt from, and taken in."""
        return np.asarray(~self.cut.earlier & ~self.judged["refused"])

    @cached_property
    def answered(self) -> Mask:
        """Measured tickets that the desk would have answered."""
        return np.asarray(self.measured & self.judged["answered"])

    @cached_property
    def right(self) -> Mask:
        """Whether the best article is the one that solved the ticket; means something where it is labelled."""
        return np.asarray((self.judged["article"] >= 0) & (self.judged["article"] == self.survey.truth))

    @cached_property
    def evidence(self) -> Mask:
        """Labelled tickets; a text that comes back says nothing new about the precision."""
        return self.measured & self.survey.labelled & ~self.survey.repeated

    @cached_property
    def keys(self) -> dict[str, NDArray[np.str_]]:
        """What each ticket is grouped by."""
        return {
            "by_category": np.array(CATEGORIES)[self.judged["category"]],
            "by_language": np.array(LANGUAGES)[self.judged["language"]],
            "by_channel": np.array([str(channel or "unknown") for channel in CHANNELS])[self.survey.channel],
            "by_month": np.array(self.survey.months(), dtype=np.str_),
        }

    @cached_property
    def expected_thresholds(self) -> dict[str, float]:
        """Thresholds of the categories without a proven one, by the models' own expectation."""
        chosen = {}
        for category in CATEGORIES:
            rows = self.measured & self.judged["allowed"] & (self.keys["by_category"] == category)
            if self.thresholds.get(category) is None:
                value = expected_threshold(self.judged["probability"][rows], self.bound.wrong_share)
                if value is not None:
                    chosen[str(category)] = value
        return chosen

    @cached_property
    def unproven(self) -> Mask:
        """Measured tickets that would be answered if the models' own expectation were proof."""
        category = self.keys["by_category"]
        limit = np.full(len(self.judged), np.inf)
        for name, value in self.expected_thresholds.items():
            limit[category == name] = value
        reached = self.judged["probability"] >= limit
        return np.asarray(self.measured & self.judged["allowed"] & reached & ~self.judged["answered"])

    def figures(self) -> dict[str, Any]:
        """Returns every figure; see ``firstline evaluate backtest --help``."""
        return {
            "predicted_resolvable": _interval(self.answered, self.measured),
            "precision": self.precision(self.measured),
            "unproven": {**self._group(self.measured, self.unproven), "thresholds": self.expected_thresholds},
            "unfamiliar": self._unfamiliar(),
            "tickets": self._counts(),
            **{name: self._by(keys) for name, keys in self.keys.items()},
            "proof": {name: asdict(proof) for name, proof in self.proofs.items()},
            "ranking": self._ranking(),
            "money": self.money(),
        }

    def precision(self, rows: Mask) -> dict[str, Any]:
        """Returns how right the answers among `rows` are, at the three levels of evidence."""
        return self._precision(rows & self.answered)

    @cached_property
    def proofs(self) -> dict[str, Proof]:
        """What the labels prove about each category that occurs, at its threshold or the expected one."""
        would = self.answered | self.unproven
        found = {}
        for category in CATEGORIES:
            rows = self.measured & (self.keys["by_category"] == category)
            if rows.any():
                known = rows & self.evidence
                expected_share = float(would[rows].mean())
                found[str(category)] = prove(self.right[known], would[known], expected_share, self.bound)
        return found

    def money(self) -> dict[str, Any]:
        """Returns what the answers would have saved, with the costs of the policy file."""
        tickets, answered = int(self.measured.sum()), int(self.answered.sum())
        agent = Operations(self.costs)
        interval = share(answered, tickets)
        likely, low, high = (
            agent.evaluate(Tally(tickets, round(value * tickets) if tickets else 0, tickets))
            for value in (answered / max(1, tickets), interval.low, interval.high)
        )
        known = self.answered & self.evidence
        wrong_share = float((~self.right[known]).mean()) if known.any() else None
        wrong_cost = None if wrong_share is None else wrong_share * answered * self.costs.human_ticket
        return {
            "cost_per_ticket": likely.cost_per_ticket,
            "savings": likely.cost_savings,
            "savings_low": low.cost_savings,
            "savings_high": high.cost_savings,
            "savings_after_wrong_answers": None if wrong_cost is None else likely.cost_savings - wrong_cost,
            "on_cost_target": likely.on_cost_target,
            "costs": self.costs.model_dump(),
        }

    def _precision(self, answers: Mask) -> dict[str, Any]:
        known = answers & self.evidence
        cautious = answers & ~self.survey.repeated if self.survey.labelled.any() else known
        pointed = answers & (self.replies.article != UNLABELLED) & ~self.survey.repeated
        agree = pointed & (self.replies.article == self.judged["article"])
        count = int(answers.sum())
        return {
            "answers": count,
            "labels": {**_interval(known & self.right, known), "share_of_answers": _mean(known, answers)},
            "labels_if_empty_is_none": _interval(known & self.right, cautious),
            "replies": {**_interval(agree, pointed), "share_of_answers": _mean(pointed, answers)},
            "expected": float(self.judged["probability"][answers].mean()) if count else None,
        }

    def _group(self, rows: Mask, answers: Mask) -> dict[str, Any]:
        return {
            "tickets": int(rows.sum()),
            "predicted_resolvable": _interval(answers & rows, rows),
            "precision": self._precision(answers & rows),
        }

    def _by(self, keys: NDArray[np.str_]) -> dict[str, Any]:
        found = {}
        for key in np.unique(keys[self.measured]):
            rows = self.measured & (keys == key)
            found[str(key)] = {
                **self._group(rows, self.answered),
                "unproven_share": _mean(rows & self.unproven, rows),
            }
        return found

    def _counts(self) -> dict[str, Any]:
        found = self.survey
        return {
            "rows": found.rows,
            "tickets": len(found),
            "skipped": {reason.value: count for reason, count in sorted(found.skipped.items())},
            "refused": int(self.judged["refused"].sum()),
            "bad_dates": found.bad_dates,
            "repeated": int(found.repeated.sum()),
            "learnt_from_at_most": int(self.cut.earlier.sum()),
            "measured": int(self.measured.sum()),
            "labelled": int(found.labelled.sum()),
            "with_reply": int(found.replied.sum()),
            "reply_points_to_article": int((self.replies.article != UNLABELLED).sum()),
        }

    def _unfamiliar(self) -> dict[str, Any] | None:
        """Returns which share of the tickets is unlike those the models were made with; None where that is unknown."""
        if self.familiar is None:
            return None
        far = self.judged["distance"] > self.familiar
        return {
            **_interval(self.measured & far, self.measured),
            "of_answers": _mean(self.answered & far, self.answered),
            "expected": 1 - FAMILIAR,
        }

    def _ranking(self) -> dict[str, Any]:
        """Returns how well the probabilities sort labelled tickets, whatever the thresholds and gates."""
        probability, right = self.curve()
        if not len(right):
            return {"tickets": 0, "aurc": None, "coverage_at_95_precision": None}
        return {
            "tickets": len(right),
            "aurc": area_under_risk_coverage(probability, right),
            "coverage_at_95_precision": coverage_at_precision(probability, right),
        }

    def curve(self) -> tuple[NDArray[np.float64], Mask]:
        """Returns probability and rightness of the labelled tickets."""
        rows = self.evidence
        return self.judged["probability"][rows].astype(np.float64), self.right[rows]


def _interval(part: Mask, whole: Mask) -> dict[str, Any]:
    return interval_figures(share(int(part.sum()), int(whole.sum())), int(whole.sum()))


def interval_figures(found: Interval, trials: int) -> dict[str, Any]:
    """Returns a share for JSON; None where nothing was tried."""
    if not trials:
        return {"value": None, "low": None, "high": None, "of": 0}
    return {"value": found.value, "low": found.low, "high": found.high, "of": trials}


def _mean(part: Mask, whole: Mask) -> float | None:
    count = int(whole.sum())
    return int(part.sum()) / count if count else None

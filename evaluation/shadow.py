"""What shadow mode shows: where a challenger agrees with the champion on live traffic, and what it would gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import bootstrap_mean
from evaluation.metrics import Interval, share
from serving.domain.decision import Action
from serving.settings.desk import CostSettings
from serving.storage import CorrectedTicket, ShadowRow

COMPARED = ("category", "topic", "sentiment", "urgent", "article_id", "action")
CORRECTABLE = ("category", "topic", "sentiment", "urgent", "article_id")


@dataclass(frozen=True)
class Judged:
    """How often each side had the label that a person gave."""

    labels: int
    champion_right: int
    challenger_right: int


@dataclass(frozen=True)
class ShadowFigures:
    """Figures of the tickets that both read; no ticket was handled by the challenger.

    Attributes:
        agreement: share of the tickets on which both say the same, by what they say.
        champion_answered: share answered; `challenger_answered` the share it would have answered.
        predicted_gain: the difference, with the interval of pairs.
        only_champion: tickets that only the champion answered; `only_challenger` likewise.
        champion_expected_right: mean probability of the answers, None without one; a prediction, no measurement.
        predicted_savings: USD over these tickets, negative where the challenger answers less.
        corrected: against what people said afterwards, by label; the nearest to a measurement there is.
    """

    tickets: int
    agreement: Mapping[str, Interval]
    champion_answered: Interval
    challenger_answered: Interval
    predicted_gain: Interval
    only_champion: int
    only_challenger: int
    champion_expected_right: float | None
    challenger_expected_right: float | None
    predicted_savings: float
    corrected: Mapping[str, Judged]

    def json(self) -> dict[str, Any]:
        """Returns the figures as plain values."""
        return asdict(self)


def measure_shadow(
    rows: Sequence[ShadowRow], corrected: Sequence[CorrectedTicket], costs: CostSettings
) -> ShadowFigures:
    """Returns the figures of `rows`, one or more, of one champion and one challenger."""
    ours, theirs = (
        _answered(row.champion_reading for row in rows),
        _answered(row.challenger_reading for row in rows),
    )
    gained, lost = int((theirs & ~ours).sum()), int((ours & ~theirs).sum())
    return ShadowFigures(
        tickets=len(rows),
        agreement={name: _agreement(rows, name) for name in COMPARED},
        champion_answered=share(int(ours.sum()), len(rows)),
        challenger_answered=share(int(theirs.sum()), len(rows)),
        predicted_gain=bootstrap_mean(theirs.astype(np.float64) - ours.astype(np.float64)),
        only_champion=lost,
        only_challenger=gained,
        champion_expected_right=_expected([row.champion_reading for row in rows], ours),
        challenger_expected_right=_expected([row.challenger_reading for row in rows], theirs),
        predicted_savings=(gained - lost) * (costs.human_ticket - costs.automated_ticket),
        corrected=_against_people(rows, corrected),
    )


def _answered(readings: Any) -> NDArray[np.bool_]:
    return np.array([reading["action"] == Action.AUTO_RESOLVE for reading in readings], dtype=np.bool_)


def _agreement(rows: Sequence[ShadowRow], name: str) -> Interval:
    same = sum(row.champion_reading[name] == row.challenger_reading[name] for row in rows)
    return share(same, len(rows))


def _expected(readings: Sequence[Mapping[str, Any]], answered: NDArray[np.bool_]) -> float | None:
    given = [reading["probability"] for reading, yes in zip(readings, answered, strict=True) if yes]
    return float(np.mean(given)) if given else None


def _against_people(rows: Sequence[ShadowRow], corrected: Sequence[CorrectedTicket]) -> dict[str, Judged]:
    """Counts the last word that people had on each ticket, label by label."""
    by_ticket = {row.ticket_id: row for row in rows}
    truths: dict[str, dict[str, object]] = {name: {} for name in CORRECTABLE}
    for item in corrected:
        for name in CORRECTABLE:
            said = getattr(item.correction, name)
            if item.ticket_id in by_ticket and said is not None:
                truths[name][item.ticket_id] = said
    return {
        name: Judged(
            len(found),
            sum(by_ticket[ticket].champion_reading[name] == said for ticket, said in found.items()),
            sum(by_ticket[ticket].challenger_reading[name] == said for ticket, said in found.items()),
        )
        for name, found in truths.items()
        if found
    }

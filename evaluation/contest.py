"""A bundle against the champion on the same tickets: tried out, compared and judged by the gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import FirstlineError
from evaluation.comparison import Agreement, Compared, Labels, agree, compare, read_labels
from evaluation.gates import Gates, Verdict, check_against, check_alone
from evaluation.trial import Ground, Trial, describe, open_contestant, try_out
from models.thresholds import Bound


@dataclass(frozen=True)
class Contest:
    """What came out.

    Attributes:
        challenger: None where it could not be opened; `champion` None where there is none to compare with.
        compared: every figure of both, the champion first; empty without a champion.
        note: why there is nothing to compare with.
    """

    labels: Labels
    challenger: Trial | None
    champion: Trial | None
    compared: Sequence[Compared]
    verdicts: Sequence[Verdict]
    note: str = ""

    @property
    def reasons(self) -> list[str]:
        """What each gate that refuses has to say."""
        return [verdict.sentence for verdict in self.verdicts if not verdict.passed]

    @property
    def agreement(self) -> Agreement | None:
        """How far both decide alike; None without a champion."""
        if self.challenger is None or self.champion is None:
            return None
        return agree(self.champion.outcomes, self.challenger.outcomes)

    def figures(self) -> dict[str, Any]:
        """Returns the figures of both, for the record."""
        trials = {"champion": self.champion, "challenger": self.challenger}
        found = {name: describe(trial, self.labels) for name, trial in trials.items() if trial is not None}
        return {"test_tickets": len(self.labels.language), **found}

    def plain(self) -> dict[str, Any]:
        """Returns everything that was compared, for JSON."""
        return {
            **self.figures(),
            "compared": [row.plain() for row in self.compared],
            "agreement": self.agreement.plain() if self.agreement else None,
            "gates": [verdict.plain() for verdict in self.verdicts],
            "reasons": self.reasons,
            "note": self.note,
        }


def hold_contest(challenger: Path, champion: Path | None, ground: Ground, gates: Gates) -> Contest:
    """Returns how the bundle in one folder does against the one in another, and what the gates say.

    A champion that cannot be opened is no reason to keep it: the challenger is judged alone then.

    Args:
        challenger: folder of the bundle that is judged.
        champion: folder of the one that it is compared with.
        ground: tickets, articles and settings.
        gates: what is asked.
    """
    labels = read_labels(ground.tickets)
    try:
        contestants = [open_contestant(challenger, ground)]
    except FirstlineError as error:
        return Contest(labels, None, None, [], [Verdict("present", False, f"cannot be served: {error}")])
    present = Verdict("present", True, "bundle, encoder and index are present and belong together")
    note = "" if champion else "there is no champion to compare with"
    if champion is not None:
        try:
            contestants.append(open_contestant(champion, ground))
        except FirstlineError as error:
            note = f"there is nothing to compare with: the champion cannot be opened ({error})"
    trial, *others = try_out(contestants, ground.tickets)
    guarantee = ground.settings.gate.guarantee
    verdicts = [
        present,
        *check_alone(gates, trial, labels, Bound(guarantee.wrong_share, guarantee.confidence)),
    ]
    if not others:
        return Contest(labels, trial, None, [], verdicts, note)
    compared = compare(
        labels,
        others[0].outcomes,
        trial.outcomes,
        judged=gates.comparison.judged,
        confidence=gates.comparison.confidence,
        resamples=gates.comparison.resamples,
    )
    verdicts += check_against(gates, trial, others[0], compared)
    return Contest(labels, trial, others[0], compared, verdicts)

"""Whether the desk decides the same when a ticket only looks different: pass^k over harmless changes.

pass^k (Yao et al. 2024, tau-bench) is the chance that k versions of one ticket, drawn without replacement, are
all decided correctly; correct is the right article, or a person where no article would be right.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any

import numpy as np

from data.augment import change_case, mention_order, wrap_mail
from data.schema import LabelledTicket, Language
from data.taxonomy import Taxonomy
from evaluation.bootstrap import bootstrap_mean
from evaluation.metrics import Interval, share
from evaluation.replay import Replayed, replay
from serving.offline import OfflineDesk

HARMLESS: Mapping[str, Callable[[str, Language, random.Random], str]] = {
    "greeting": wrap_mail,
    "case": change_case,
    "order number": mention_order,
}
"""Changes that leave the request what it is."""


@dataclass(frozen=True)
class Versions:
    """One ticket as it came, and what the desk did with each version of it.

    Attributes:
        changed: by the name of the change.
    """

    plain: Replayed
    changed: Mapping[str, Replayed]

    @property
    def correct(self) -> int:
        """How many of the versions, the plain one among them, are decided correctly."""
        return sum(map(is_correct, (self.plain, *self.changed.values())))

    def keeps(self, change: str) -> bool:
        """Whether the decision, and the article if one is sent, stay the same."""
        return _decision(self.plain) == _decision(self.changed[change])


def is_correct(row: Replayed) -> bool:
    """Whether a ticket got the right article, or a person where no article would be right."""
    return row.right if row.answered else row.ticket.article_id is None


def replay_versions(opened: OfflineDesk, rows: Sequence[Replayed], taxonomy: Taxonomy) -> list[Versions]:
    """Returns each replayed ticket with its changed versions; the same ticket is always changed alike."""
    changed = {
        name: replay(opened, [_change(row.ticket, name) for row in rows], taxonomy).rows for name in HARMLESS
    }
    return [
        Versions(row, {name: versions[number] for name, versions in changed.items()})
        for number, row in enumerate(rows)
    ]


def measure_consistency(versions: Sequence[Versions]) -> dict[str, Any]:
    """Returns pass^k for k versions, and how often each change leaves the decision as it was.

    Returns:
        ``pass_k`` (by k), ``kept`` (by change), ``kept_by_language``, and ``answers_turned_wrong``: versions
        that are answered wrongly though the plain ticket is not.
    """
    sizes = range(1, len(HARMLESS) + 2)
    languages = sorted({str(item.plain.ticket.language) for item in versions})
    return {
        "pass_k": {k: _pass_k(versions, k) for k in sizes},
        "kept": {name: _kept(versions, (name,)) for name in HARMLESS},
        "kept_by_language": {
            language: _kept([item for item in versions if item.plain.ticket.language == language], HARMLESS)
            for language in languages
        },
        "answers_turned_wrong": sum(
            _wrong(row) and not _wrong(item.plain) for item in versions for row in item.changed.values()
        ),
    }


def _change(ticket: LabelledTicket, name: str) -> LabelledTicket:
    source = random.Random(hashlib.sha256(f"{name}:{ticket.id}".encode()).digest())
    return replace(ticket, message=HARMLESS[name](ticket.message, ticket.language, source))


def _decision(row: Replayed) -> tuple[bool, str | None]:
    return row.answered, row.outcome.explanation.article_id if row.answered else None


def _wrong(row: Replayed) -> bool:
    return row.answered and not row.right


def _pass_k(versions: Sequence[Versions], k: int) -> Interval:
    among = comb(len(HARMLESS) + 1, k)
    return bootstrap_mean(np.array([comb(item.correct, k) / among for item in versions]))


def _kept(versions: Sequence[Versions], changes: Sequence[str] | Mapping[str, Any]) -> Interval:
    """Tickets whose decision stays under every one of the changes."""
    return share(sum(all(item.keeps(name) for name in changes) for item in versions), len(versions))

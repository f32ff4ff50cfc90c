"""Replays labelled tickets through the desk and counts what was answered, and how much of it rightly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import DataError
from data.schema import LabelledTicket
from data.taxonomy import Taxonomy
from evaluation.claims import GROUP_CLAIMS, OVERALL_CLAIM
from evaluation.metrics import Interval, share
from serving.agents.operations import Tally
from serving.domain.decision import Action
from serving.domain.intake import Incoming
from serving.domain.outcome import Outcome
from serving.domain.ticket import Customer, Tier
from serving.offline import OfflineDesk

BATCH = 256


@dataclass(frozen=True)
class Replayed:
    """One labelled ticket and what the desk did with it."""

    ticket: LabelledTicket
    outcome: Outcome

    @property
    def answered(self) -> bool:
        """Whether the desk answered by itself."""
        return self.outcome.decision.action is Action.AUTO_RESOLVE

    @property
    def right(self) -> bool:
        """Whether the article it found is the one that resolves the ticket."""
        return (
            self.ticket.article_id is not None
            and self.outcome.explanation.article_id == self.ticket.article_id
        )


@dataclass(frozen=True)
class Count:
    """Counts over some replayed tickets."""

    tickets: int
    auto_resolved: int
    wrong: int

    @property
    def rate(self) -> float:
        """Share of the tickets that was answered."""
        return self.auto_resolved / self.tickets if self.tickets else 0.0

    @property
    def precision(self) -> float | None:
        """Share of the answers that was right; None without an answer."""
        return 1 - self.wrong / self.auto_resolved if self.auto_resolved else None

    @property
    def answered_share(self) -> Interval:
        """Share of the tickets that was answered, with its exact 95 % interval."""
        return share(self.auto_resolved, self.tickets)

    @property
    def right_share(self) -> Interval:
        """Share of the answers that was right, with its exact 95 % interval."""
        return share(self.auto_resolved - self.wrong, self.auto_resolved)

    def row(self, claim: float | None = None) -> dict[str, Any]:
        """Returns the counts for JSON, with 95 % intervals."""
        return {
            "tickets": self.tickets,
            "auto_resolved": self.auto_resolved,
            "wrong_auto_resolved": self.wrong,
            "auto_resolution_rate": self.rate,
            "auto_resolution_interval": [self.answered_share.low, self.answered_share.high],
            "precision": self.precision,
            "precision_interval": [self.right_share.low, self.right_share.high],
            "human_escalation_rate": 1 - self.rate,
            "claim": claim,
        }


@dataclass(frozen=True)
class ReplayReport:
    """A replay and its figures."""

    rows: Sequence[Replayed]
    taxonomy: Taxonomy
    seconds: float
    bundle: str
    index: str

    def total(self) -> Count:
        """Returns the counts over everything."""
        return count(self.rows)

    def by_group(self) -> dict[str, Count]:
        """Returns the counts by the groups of the brief."""
        topics = self.taxonomy.by_name
        return count_by(self.rows, lambda row: topics[row.ticket.topic].group, self.taxonomy.groups)

    def by_category(self) -> dict[str, Count]:
        """Returns the counts by the category on the label."""
        return count_by(self.rows, lambda row: str(row.ticket.category))

    def by_topic(self) -> dict[str, Count]:
        """Returns the counts by the topic on the label."""
        return count_by(self.rows, lambda row: row.ticket.topic)

    def by_language(self) -> dict[str, Count]:
        """Returns the counts by language."""
        return count_by(self.rows, lambda row: str(row.ticket.language))

    def by_channel(self) -> dict[str, Count]:
        """Returns the counts by channel."""
        return count_by(self.rows, lambda row: str(row.ticket.channel))

    def tally(self) -> Tally:
        """Returns what the operations agent computes its figures from; nothing is late yet."""
        total = self.total()
        return Tally(total.tickets, total.auto_resolved, total.tickets)

    def json(self) -> dict[str, Any]:
        """Returns the figures as ``firstline demo --json`` prints them."""
        total = self.total().row(OVERALL_CLAIM)
        return {
            **total,
            "resolvable": sum(row.ticket.article_id is not None for row in self.rows),
            "by_group": {name: found.row(GROUP_CLAIMS.get(name)) for name, found in self.by_group().items()},
            "by_language": {name: found.row() for name, found in self.by_language().items()},
            "seconds": self.seconds,
            "bundle": self.bundle,
            "index": self.index,
        }


def replay(opened: OfflineDesk, tickets: Sequence[LabelledTicket], taxonomy: Taxonomy) -> ReplayReport:
    """Returns what the desk does with each ticket, written by a customer of the standard tier.

    Raises:
        DataError: a ticket has a topic that the taxonomy does not know.
    """
    _check_topics(tickets, taxonomy)
    started = time.perf_counter()
    rows: list[Replayed] = []
    for start in range(0, len(tickets), BATCH):
        batch = tickets[start : start + BATCH]
        outcomes = opened.desk.handle([opened.desk.accept(as_incoming(ticket)) for ticket in batch])
        rows.extend(Replayed(ticket, outcome) for ticket, outcome in zip(batch, outcomes, strict=True))
    return ReplayReport(
        rows, taxonomy, time.perf_counter() - started, opened.bundle_version, opened.index_version
    )


def _check_topics(tickets: Sequence[LabelledTicket], taxonomy: Taxonomy) -> None:
    for ticket in tickets:
        if ticket.topic not in taxonomy.by_name:
            raise DataError(f"ticket {ticket.id}: the taxonomy has no topic {ticket.topic!r}; give your own")


def as_incoming(ticket: LabelledTicket, tier: Tier = Tier.STANDARD) -> Incoming:
    """Returns a labelled ticket as its channel would deliver it; the language is left to be found out."""
    return Incoming(Customer(id="replay", tier=tier), str(ticket.channel), ticket.message, ticket.subject)


def count(rows: Iterable[Replayed]) -> Count:
    """Returns the counts over `rows`."""
    tickets = auto_resolved = wrong = 0
    for row in rows:
        tickets += 1
        auto_resolved += row.answered
        wrong += row.answered and not row.right
    return Count(tickets, auto_resolved, wrong)


def count_by(
    rows: Sequence[Replayed], key: Callable[[Replayed], str], order: Sequence[str] = ()
) -> dict[str, Count]:
    """Returns the counts by `key`, in the given order or the alphabetical one."""
    names = order or sorted({key(row) for row in rows})
    return {name: count(row for row in rows if key(row) == name) for name in names}

"""From people's corrections to training rows.

Feedback is taken with care, because anybody who may correct tickets may teach the models: of one person's
corrections only the newest count, people who disagree about a ticket cancel each other out, and a text of the
calibration or test split never comes in, so that what is measured stays unseen.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from data.feedback import FeedbackTicket
from data.schema import Split
from data.taxonomy import load_taxonomy
from data.tickets import load_tickets
from models.bundle import Bundle
from models.champion import open_champion
from serving.storage import CorrectedTicket, CorrectionRepository, Database
from training.pipeline import PipelineConfig

T = TypeVar("T")
MOST_A_PERSON = 1_000
"""Newest corrections of one person that count."""

GuessTopic = Callable[[Sequence[CorrectedTicket]], Sequence[str | None]]
"""Returns for tickets whose category was corrected the likeliest topic within it, None where there is none."""


@dataclass(frozen=True)
class Feedback:
    """What corrections give.

    Attributes:
        rows: in the order of the tickets' first corrections.
        left_out: how many corrections, or labels of tickets, do not count, by reason.
    """

    rows: tuple[FeedbackTicket, ...]
    left_out: dict[str, int]


@dataclass(frozen=True)
class Surroundings:
    """What decides whether a correction may be learnt.

    Attributes:
        topics: that there are; articles and topics come and go.
        held_out: texts of calibration and test tickets.
        guess_topic: asked where a person gave a category and no topic.
    """

    topics: Collection[str]
    held_out: Collection[str]
    guess_topic: GuessTopic


def read_feedback(corrected: Sequence[CorrectedTicket], around: Surroundings) -> Feedback:
    """Returns the training rows of every correction there is, given in the order they were made."""
    left_out: Counter[str] = Counter()
    unseen = _without_held_out(_newest_a_person(corrected, left_out), around.held_out, left_out)
    by_ticket: dict[str, list[CorrectedTicket]] = defaultdict(list)
    for row in unseen:
        by_ticket[row.ticket_id].append(row)
    topics = _topics(unseen, around, left_out)
    rows = [_agreed(own, topics, left_out) for own in by_ticket.values()]
    taught = tuple(row for row in rows if (row.topic, row.sentiment, row.urgent) != (None, None, None))
    left_out["teaches nothing"] += len(rows) - len(taught)
    return Feedback(taught, {reason: count for reason, count in left_out.items() if count})


def open_feedback(database: Database, config: PipelineConfig) -> Feedback:
    """Returns what the corrections in `database` give a run that is told `config`."""
    tickets = load_tickets(config.tickets)
    taxonomy = load_taxonomy(config.taxonomy)
    around = Surroundings(
        topics={topic.name for topic in taxonomy.topics},
        held_out=[ticket.text for ticket in tickets if ticket.split is not Split.TRAIN],
        guess_topic=lambda rows: _likeliest_topics(rows, open_champion(config.bundles)),
    )
    return read_feedback(CorrectionRepository(database).all(), around)


def _likeliest_topics(rows: Sequence[CorrectedTicket], champion: Bundle) -> list[str | None]:
    """Returns the topic that the champion finds likeliest within the category a person gave."""
    readings = champion.read([_ticket(row).text for row in rows], [None] * len(rows))
    found: list[str | None] = []
    for row, reading in zip(rows, readings, strict=True):
        own = [name for name in reading.topics if champion.topic_category[name] == row.correction.category]
        found.append(max(own, key=lambda name: reading.topics[name], default=None))
    return found


def fold_text(text: str) -> str:
    """Returns `text` without case, width and white space: two texts that differ in these are the same."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _newest_a_person(corrected: Sequence[CorrectedTicket], left_out: Counter[str]) -> list[CorrectedTicket]:
    """Keeps each person's last word on each ticket, and at most `MOST_A_PERSON` of a person."""
    last = {(row.correction.actor, row.ticket_id): row for row in corrected}
    left_out["corrected again by the same person"] += len(corrected) - len(last)
    kept: list[CorrectedTicket] = []
    taken: Counter[str] = Counter()
    for (actor, _), row in reversed(last.items()):
        taken[actor] += 1
        if taken[actor] <= MOST_A_PERSON:
            kept.append(row)
    left_out[f"over {MOST_A_PERSON:,} of one person"] += len(last) - len(kept)
    return kept[::-1]


def _without_held_out(
    rows: Sequence[CorrectedTicket], held_out: Collection[str], left_out: Counter[str]
) -> list[CorrectedTicket]:
    folded = {fold_text(text) for text in held_out}
    unseen = [row for row in rows if fold_text(_ticket(row).text) not in folded]
    left_out["text of a calibration or test ticket"] += len(rows) - len(unseen)
    return unseen


def _topics(
    rows: Sequence[CorrectedTicket], around: Surroundings, left_out: Counter[str]
) -> dict[int, str | None]:
    """Returns the topic of each correction by its identity, guessed where only the category was said."""
    unsaid = [row for row in rows if row.correction.topic is None and row.correction.category is not None]
    guessed = dict(zip(map(id, unsaid), around.guess_topic(unsaid), strict=True)) if unsaid else {}
    said = {id(row): row.correction.topic or guessed.get(id(row)) for row in rows}
    gone = {key for key, topic in said.items() if topic is not None and topic not in around.topics}
    left_out["topic that is no longer there"] += len(gone)
    return {key: None if key in gone else topic for key, topic in said.items()}


def _agreed(
    own: Sequence[CorrectedTicket], topics: dict[int, str | None], left_out: Counter[str]
) -> FeedbackTicket:
    """Returns the labels of one ticket on which everybody who said something agrees."""
    topic = _only({topics[id(row)] for row in own}, left_out)
    sentiment = _only({row.correction.sentiment for row in own}, left_out)
    urgent = _only({row.correction.urgent for row in own}, left_out)
    first = _ticket(own[0])
    return FeedbackTicket(first.id, first.language, first.subject, first.message, topic, sentiment, urgent)


def _only(said: set[T | None], left_out: Counter[str]) -> T | None:
    labels = said - {None}
    left_out["people disagree"] += len(labels) > 1
    return next(iter(labels)) if len(labels) == 1 else None


def _ticket(row: CorrectedTicket) -> FeedbackTicket:
    return FeedbackTicket(row.ticket_id, row.language, row.subject, row.message)

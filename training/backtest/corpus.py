"""Labelled tickets of a history as the files that training reads."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.articles import render_article
from data.history.tickets import History, PastTicket
from data.schema import UNDETERMINED, Category, Channel, LabelledTicket, Language, Sentiment, Split
from data.tickets import write_tickets
from evaluation.backtest.labels import UNLABELLED, ArticleNames
from evaluation.backtest.survey import NEVER, Cut, Survey
from training.backtest.workshop import READ_CHARACTERS, Workshop

MOST_ROWS = 16_000
"""Labelled tickets that are learnt from, the latest ones: more take long and change little."""
LEAST_OF_TOPIC = 12
"""Tickets of an article below which it is too rare to learn: each half of them must hold some, for the scorer learns
from tickets that the topics were not fitted on. They count as unanswered."""
CALIBRATION_SHARE = 0.3
TEST_ROWS = 300
BATCH = 1_000
UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Learnable:
    """A ticket to learn from.

    Attributes:
        number: its place in the history.
        language: as the champion reads it, like the category.
        article_id: None where no article solved it.
    """

    number: int
    ticket: PastTicket
    split: Split
    language: Language
    category: Category
    article_id: str | None


def best_labels(found: Survey) -> NDArray[np.int32]:
    """Returns the article of each ticket as the export says, or where it says nothing at all, as replies name it."""
    return found.truth if (found.truth >= 0).any() else found.mentioned


def labelled_tickets(workshop: Workshop, history: History, found: Survey, cut: Cut) -> list[LabelledTicket]:
    """Returns the tickets to learn from, older ones to train and newer ones to calibrate, and a few later ones.

    Articles become topics. An article with too few tickets, and no article, become one topic of each category that
    only people handle; where even those are too few they are left out.
    """
    rows = list(_learnable(workshop, history, found, cut))
    counts = Counter(row.article_id for row in rows if row.split is Split.TRAIN)
    common = {article for article, count in counts.items() if article and count >= LEAST_OF_TOPIC}
    areas = {article.id: Category(article.category) for article in workshop.articles}
    made = [_ticket(row, areas[row.article_id] if row.article_id in common else None) for row in rows]
    trained = Counter(ticket.topic for ticket in made if ticket.split is Split.TRAIN)
    return [ticket for ticket in made if trained[ticket.topic] >= LEAST_OF_TOPIC]


def write_corpus(workshop: Workshop, tickets: Sequence[LabelledTicket]) -> None:
    """Writes tickets, articles and a taxonomy of their topics to ``corpus`` in the workshop's folder."""
    corpus = workshop.folder / "corpus"
    for name in ("tickets", "articles"):
        (corpus / name).mkdir(parents=True)
    write_tickets(tickets, corpus / "tickets" / "history.jsonl")
    for number, article in enumerate(workshop.articles):
        (corpus / "articles" / f"{number}.md").write_text(render_article(article), encoding="utf-8")
    topics = {ticket.topic: ticket for ticket in tickets}
    tables = [_table(name, ticket) for name, ticket in sorted(topics.items())]
    (corpus / "taxonomy.toml").write_text("\n".join(tables), encoding="utf-8")


def _learnable(workshop: Workshop, history: History, found: Survey, cut: Cut) -> Iterator[Learnable]:
    splits, labels = _assign_splits(found, cut), best_labels(found)
    ids = ArticleNames.of(workshop.articles).ids
    rows = ((number, ticket) for number, ticket in enumerate(history.tickets()) if number in splits)
    while batch := list(itertools.islice(rows, BATCH)):
        texts = [ticket.text[:READ_CHARACTERS] for _, ticket in batch]
        readings = workshop.champion.read(texts, [None] * len(texts))
        for (number, ticket), reading in zip(batch, readings, strict=True):
            if reading.language != UNDETERMINED:
                language, category = Language(reading.language), Category(reading.category.value)
                article = ids[labels[number]] if labels[number] >= 0 else None
                yield Learnable(number, ticket, splits[number], language, category, article)


def _assign_splits(found: Survey, cut: Cut) -> dict[int, Split]:
    """Returns the split of each labelled ticket that is used; the newest of the earlier part calibrate."""
    usable = (best_labels(found) != UNLABELLED) & ~found.repeated
    key: Callable[[int], int] = (
        (lambda row: int(found.created[row]))
        if cut.method == "time"
        else (lambda row: int(found.fingerprint[row]))
    )
    earlier = sorted(np.flatnonzero(usable & cut.earlier).tolist(), key=key)[-MOST_ROWS:]
    first = round(len(earlier) * (1 - CALIBRATION_SHARE))
    later = np.flatnonzero(usable & ~cut.earlier & (found.created != NEVER)).tolist()
    later = (later or np.flatnonzero(usable & ~cut.earlier).tolist())[:TEST_ROWS]
    splits = dict.fromkeys(earlier[:first], Split.TRAIN)
    splits |= dict.fromkeys(earlier[first:], Split.CALIBRATION)
    return splits | dict.fromkeys(later, Split.TEST)


def _ticket(row: Learnable, area: Category | None) -> LabelledTicket:
    """Returns a ticket as training reads it; its tone is not known and not trained on.

    Args:
        row: the ticket.
        area: category of its article; None where it counts as unanswered.
    """
    name = f"{row.split}-{row.number}"
    return LabelledTicket(
        id=name,
        language=row.language,
        channel=row.ticket.channel or Channel.EMAIL,
        subject=row.ticket.subject,
        message=row.ticket.message,
        category=area or row.category,
        topic=str(row.article_id) if area else f"{UNANSWERED} {row.category}",
        article_id=row.article_id,
        sentiment=Sentiment.NEUTRAL,
        urgent=False,
        split=row.split,
        source="authored",
        pattern=name,
    )


def _table(topic: str, ticket: LabelledTicket) -> str:
    lines = [f"[{json.dumps(topic)}]", f'category = "{ticket.category}"', 'group = "own"', 'wish = ""']
    if topic == ticket.article_id:
        lines.append(f"article = {json.dumps(topic)}")
    return "\n".join(lines) + "\n"

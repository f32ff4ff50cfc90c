"""What to write next: tickets that the desk does not answer for want of an article, grouped by their matter."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from data.schema import join_text
from evaluation.clustering import UNCLUSTERED, Background, cluster_rows
from evaluation.distinctive_words import distinctive_words, words_of
from evaluation.offline import Handled
from evaluation.ticket_file import FileTicket
from serving.domain.decision import Action, ReasonCode

DISTANCE = 0.85
"""Chosen on the shipped tickets without an article; see ``evaluation/LOG.md``."""
FEWEST = 5
EXAMPLES = 4
LIKELY = 0.5
MENTION = re.compile(r"(?<!\w)@\w+")
WANT_OF_AN_ARTICLE = frozenset(
    {
        ReasonCode.NO_ARTICLE,
        ReasonCode.BELOW_THRESHOLD,
        ReasonCode.THRESHOLD_NEVER,
        ReasonCode.HUMAN_TOPIC,
        ReasonCode.ARTICLE_UNSUCCESSFUL,
    }
)
"""Reasons of the gate that an article could remove; any other keeps a ticket for people whatever is written."""


Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Returns ``(n, dim)`` unit rows of texts."""


class Advice(StrEnum):
    """What would help a group of tickets."""

    WRITE = "write an article"
    IMPROVE = "improve the nearest article, or label more tickets"


@dataclass(frozen=True, slots=True)
class GapTicket:
    """A ticket that is not answered for want of an article.

    Attributes:
        article_id: the best that the desk has; `probability` that it resolves the ticket.
    """

    ticket: FileTicket
    language: str
    words: Set[str]
    article_id: str | None
    probability: float


@dataclass
class Inbox:
    """Everything that came in, added up as the desk goes through it.

    Attributes:
        kept_back: tickets that rules keep for people, whatever is written.
        words: by language, in how many tickets each word is.
    """

    tickets: int = 0
    answered: int = 0
    kept_back: int = 0
    gaps: list[GapTicket] = field(default_factory=list)
    embeddings: list[NDArray[np.float32]] = field(default_factory=list)
    background: Background = field(default_factory=Background)
    words: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass(frozen=True)
class GapCluster:
    """Tickets about one matter.

    Attributes:
        tickets: the most typical first.
        words: by language, what sets them apart.
        article_id: the article that is the best for most of them; `article_share` of how many.
        probability: mean probability that the best article resolves a ticket.
    """

    tickets: Sequence[GapTicket]
    words: dict[str, list[str]]
    article_id: str | None
    article_share: float
    probability: float

    @property
    def languages(self) -> Counter[str]:
        """How many tickets in each language, the most frequent first."""
        return Counter(dict(Counter(gap.language for gap in self.tickets).most_common()))

    @property
    def advice(self) -> Advice:
        """An article that is likely right is there but not proven; otherwise there is none."""
        return Advice.IMPROVE if self.probability >= LIKELY else Advice.WRITE

    @property
    def examples(self) -> list[GapTicket]:
        """The most typical tickets, of different languages first."""
        first: dict[str, GapTicket] = {}
        for gap in self.tickets:
            first.setdefault(gap.language, gap)
        ordered = [*first.values(), *(gap for gap in self.tickets if first[gap.language] is not gap)]
        return ordered[:EXAMPLES]


def collect_gaps(handled: Iterable[Handled], never_topics: Set[str]) -> Inbox:
    """Returns what came in; `never_topics` are kept for people by policy, not for want of an article."""
    inbox = Inbox()
    for item in handled:
        reading = item.understood.reading
        words = words_of(item.understood.intake.text, reading.language)
        inbox.tickets += 1
        inbox.background.add(reading.language, reading.embedding)
        inbox.words[reading.language].update(words)
        if item.decision.action is Action.AUTO_RESOLVE:
            inbox.answered += 1
        elif not _is_gap(item, never_topics):
            inbox.kept_back += 1
        else:
            verdict = item.understood.verdict
            inbox.gaps.append(
                GapTicket(item.ticket, reading.language, words, verdict.article_id, verdict.probability)
            )
            inbox.embeddings.append(reading.embedding)
    return inbox


def cluster_gaps(
    inbox: Inbox, encode: Encode, *, distance: float = DISTANCE, fewest: int = FEWEST, seed: int = 13
) -> tuple[list[GapCluster], NDArray[np.int64]]:
    """Returns the groups, the largest first, and of each gap the number of its group (-1 for none).

    Args:
        inbox: what came in.
        encode: the encoder of its embeddings; finds the words that say what a group is about.
        distance: smaller makes more and purer groups; see `evaluation.clustering.cluster_rows`.
        fewest: tickets of a group.
        seed: same inbox, same groups.
    """
    if not inbox.gaps:
        return [], np.zeros(0, dtype=np.int64)
    languages = [gap.language for gap in inbox.gaps]
    rows = inbox.background.remove_from(_without_mentions(inbox, encode), languages)
    labels = cluster_rows(rows, distance=distance, fewest=fewest, seed=seed)
    numbers = range(int(labels.max()) + 1)
    groups = (np.flatnonzero(labels == number) for number in numbers)
    return [_describe(inbox, rows, members, encode) for members in groups], labels


def measure_purity(
    inbox: Inbox, labels: NDArray[np.int64], topic_articles: Mapping[str, str | None]
) -> dict[str, dict[str, float]]:
    """Returns how well groups agree with the topics on the labels, over all gaps and over those without an article.

    ``purity`` is the share of grouped tickets that have the most frequent topic of their group,
    ``adjusted_rand`` the agreement beyond chance (Hubert and Arabie 1985), ``grouped`` the share of the gaps.
    Empty where a ticket has no label.
    """
    topics = np.array([gap.ticket.topic or "" for gap in inbox.gaps])
    if not len(topics) or not all(topics):
        return {}
    everything = np.ones(len(topics), dtype=np.bool_)
    without = np.array([topic_articles.get(topic) is None for topic in topics.tolist()])
    kinds = {"every topic": everything, "topics without an article": without}
    return {
        name: _purity(topics[rows], labels[rows])
        for name, rows in kinds.items()
        if (labels[rows] != UNCLUSTERED).any()
    }


def _purity(topics: NDArray[np.str_], labels: NDArray[np.int64]) -> dict[str, float]:
    from sklearn.metrics import adjusted_rand_score

    grouped = labels != UNCLUSTERED
    most = sum(
        Counter(topics[labels == number].tolist()).most_common(1)[0][1]
        for number in np.unique(labels[grouped])
    )
    return {
        "tickets": len(topics),
        "topics": len(set(topics.tolist())),
        "grouped": float(grouped.mean()),
        "purity": most / int(grouped.sum()),
        "adjusted_rand": float(adjusted_rand_score(topics[grouped], labels[grouped])),
    }


def _is_gap(item: Handled, never_topics: Set[str]) -> bool:
    if item.understood.reading.topic.value in never_topics:
        return False
    return all(reason.code in WANT_OF_AN_ARTICLE for reason in item.decision.reasons)


def _without_mentions(inbox: Inbox, encode: Encode) -> NDArray[np.float32]:
    """Returns the embeddings; a text that mentions an account is read without it, which is no matter of its own."""
    embeddings = np.stack(inbox.embeddings)
    texts = [join_text(gap.ticket.subject, gap.ticket.message) for gap in inbox.gaps]
    mentions = [number for number, text in enumerate(texts) if MENTION.search(text)]
    if mentions:
        embeddings[mentions] = encode([MENTION.sub(" ", texts[number]) for number in mentions])
    return embeddings


def _describe(
    inbox: Inbox, rows: NDArray[np.float32], members: NDArray[np.intp], encode: Encode
) -> GapCluster:
    middle = rows[members].mean(axis=0)
    typical = members[np.argsort(-(rows[members] @ middle), kind="stable")]
    tickets = [inbox.gaps[number] for number in typical]
    article_id, count = Counter(gap.article_id for gap in tickets).most_common(1)[0]
    words = {}
    for language, _ in Counter(gap.language for gap in tickets).most_common():
        group = [gap.words for gap in tickets if gap.language == language]
        near = partial(_nearness, inbox.background, encode, middle / np.linalg.norm(middle), language)
        found = distinctive_words(group, inbox.words[language], inbox.background.counts[language], near)
        if found:
            words[language] = found
    return GapCluster(
        tickets=tickets,
        words=words,
        article_id=article_id,
        article_share=count / len(tickets),
        probability=float(np.mean([gap.probability for gap in tickets])),
    )


def _nearness(
    background: Background, encode: Encode, middle: NDArray[np.float32], language: str, words: Sequence[str]
) -> NDArray[np.float32]:
    return background.remove_from(encode(words), [language] * len(words)) @ middle

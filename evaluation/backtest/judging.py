"""What the desk would have done with each ticket of a history, in several processes, in the order of the file."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.history.tickets import PastTicket
from data.schema import UNDETERMINED, Category, Channel, Language
from evaluation.backtest.labels import UNLABELLED, ArticleNames
from kb_index.search import KnowledgeIndex, open_current
from models.bundle import Bundle, load_bundle
from serving.domain.decision import GateResult, ReasonCode
from serving.domain.intake import Incoming, Intake
from serving.domain.ticket import Customer
from serving.errors import DeskError
from serving.offline import FixedIndex
from serving.orchestrator.desk import Desk, DeskPorts
from serving.settings import Settings

BATCH = 512
AHEAD = 3
"""Batches that each process may have waiting; more would only fill the memory."""
CATEGORIES = tuple(Category)
LANGUAGES = (*Language, UNDETERMINED)
OF_MODELS = frozenset({ReasonCode.SURE_ENOUGH, ReasonCode.BELOW_THRESHOLD, ReasonCode.THRESHOLD_NEVER})
ROW = np.dtype(
    [
        ("refused", "?"),
        ("category", "i1"),
        ("language", "i1"),
        ("article", "i4"),
        ("probability", "f4"),
        ("distance", "f4"),
        ("answered", "?"),
        ("allowed", "?"),
        ("similar", "i4"),
        ("similarity", "f4"),
        ("gap", "f4"),
    ]
)
"""A judged ticket.

``refused`` could not be taken in; ``distance`` is that from everything the models know; ``allowed`` would be answered
but for the threshold; ``similar`` is the article nearest to the human reply in both searches, with its cosine and its
``gap`` to the next article.
"""


@dataclass(frozen=True)
class DeskRecipe:
    """What a process needs to open the desk.

    Attributes:
        bundle: folder of the models.
        index: root of the knowledge index.
    """

    settings: Settings
    bundle: Path
    index: Path


@dataclass(frozen=True)
class Judge:
    """An open desk that says what it would do."""

    desk: Desk
    bundle: Bundle
    index: KnowledgeIndex
    names: ArticleNames

    @classmethod
    def open(cls, recipe: DeskRecipe) -> Judge:
        """Returns the judge of a recipe."""
        bundle = load_bundle(recipe.bundle)
        index = open_current(recipe.index, bundle.encoder.id, bundle.encoder.dim)
        ports = DeskPorts(bundle, FixedIndex(index), bundle.scorer.topic_articles.by_topic)
        return cls(
            Desk(recipe.settings, ports), bundle, index, ArticleNames.of(tuple(index.articles.values()))
        )

    def judge(self, tickets: list[PastTicket]) -> NDArray[np.void]:
        """Returns one `ROW` a ticket."""
        rows = np.zeros(len(tickets), dtype=ROW)
        rows["similar"] = UNLABELLED
        intakes = [self._accept(ticket) for ticket in tickets]
        known = [number for number, intake in enumerate(intakes) if intake is not None]
        understood = self.desk.understand([intake for intake in intakes if intake is not None])
        rows["refused"] = [intake is None for intake in intakes]
        for number, item in zip(known, understood, strict=True):
            gate = self.desk.decide(item).gate
            row = rows[number]
            row["category"] = CATEGORIES.index(item.category)
            row["language"] = LANGUAGES.index(item.reading.language)
            row["article"] = self.names.number(item.verdict.article_id)
            row["probability"], row["distance"] = item.verdict.probability, item.reading.out_of_scope
            row["answered"], row["allowed"] = gate.open, _allowed(gate)
        self._compare_replies(tickets, rows)
        return rows

    def _accept(self, ticket: PastTicket) -> Intake | None:
        """Takes a message in as its channel would; an unknown channel is taken for e-mail."""
        customer = Customer(id="backtest")
        incoming = Incoming(customer, ticket.channel or Channel.EMAIL, ticket.message, ticket.subject)
        try:
            return self.desk.accept(incoming)
        except DeskError:
            return None  # counted: its row says refused

    def _compare_replies(self, tickets: list[PastTicket], rows: NDArray[np.void]) -> None:
        """A reply that names no article is compared with all of them."""
        unnamed = [
            number
            for number, ticket in enumerate(tickets)
            if ticket.reply and self.names.mentioned(ticket.reply) == UNLABELLED
        ]
        if not unnamed:
            return
        texts = [tickets[number].reply for number in unnamed]
        languages = [LANGUAGES[rows["language"][number]] for number in unnamed]
        found = self.index.search(self.bundle.encoder.encode(texts), texts, languages, 2)
        for number, hits in zip(unnamed, found, strict=True):
            if not hits or hits[0].lexical < 1:
                continue
            rows[number]["similar"] = self.names.number(hits[0].article_id)
            rows[number]["similarity"] = hits[0].dense
            rows[number]["gap"] = hits[0].score - hits[1].score if len(hits) > 1 else 1.0


def judge_history(
    recipe: DeskRecipe,
    tickets: Iterable[PastTicket],
    workers: int,
    seen: Callable[[int], None] = lambda _: None,
) -> NDArray[np.void]:
    """Returns one `ROW` a ticket, the same for any number of `workers`; calls `seen` with each batch's size."""
    rest = iter(tickets)
    batches = iter(lambda: list(itertools.islice(rest, BATCH)), [])
    judged = _one_process(recipe, batches) if workers <= 1 else _processes(recipe, batches, workers)
    parts = []
    for part in judged:
        parts.append(part)
        seen(len(part))
    return np.concatenate([np.zeros(0, dtype=ROW), *parts])


def _one_process(recipe: DeskRecipe, batches: Iterator[list[PastTicket]]) -> Iterator[NDArray[np.void]]:
    return map(Judge.open(recipe).judge, batches)


def _processes(
    recipe: DeskRecipe, batches: Iterator[list[PastTicket]], workers: int
) -> Iterator[NDArray[np.void]]:
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_open, initargs=(recipe,)
    ) as pool:
        waiting: deque[Future[NDArray[np.void]]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_judge, batch))
            if len(waiting) >= workers * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_opened: list[Judge] = []
"""The judge of a worker process."""


def _open(recipe: DeskRecipe) -> None:
    from serving.bootstrap import use_one_thread

    use_one_thread()
    _opened.append(Judge.open(recipe))


def _judge(batch: list[PastTicket]) -> NDArray[np.void]:
    return _opened[0].judge(batch)


def _allowed(gate: GateResult) -> bool:
    return all(reason.code in OF_MODELS for reason in gate.reasons)

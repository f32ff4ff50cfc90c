"""Models for articles that nobody has labelled tickets for: search, and a scorer that knows no topics.

The scorer is fitted on the shipped tickets with everything blanked that the topics would tell. What it says about
another company's articles is an expectation that nothing has checked; its thresholds are therefore all ``never``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from data.articles import load_articles
from data.schema import LabelledTicket, Split
from data.tickets import load_tickets
from kb_index.build import build_index
from kb_index.search import KnowledgeIndex, open_current
from models.bundle import Bundle
from models.features import FeatureReader
from models.reading import Label, Reading
from models.resolution import ResolutionScorer, TopicArticles
from training.dataset import make_rows
from training.heads import Rows
from training.resolution import ResolutionConfig, Searched, fit_scorer, search

TRAIN_ROWS, CALIBRATION_ROWS = 4_000, 2_000
SEED = 13


def fit_search_only(champion: Bundle, folder: Path, config: ResolutionConfig) -> Bundle:
    """Returns the champion with a scorer that looks at the search alone; `folder` takes an index of its own."""
    build_index(load_articles(), champion.encoder, folder)
    index = open_current(folder, champion.encoder.id, champion.encoder.dim)
    everything = load_tickets()
    train = _sample(champion, everything, Split.TRAIN, TRAIN_ROWS)
    held_out = _sample(champion, everything, Split.CALIBRATION, CALIBRATION_ROWS)
    blank = TopicArticles({})
    searched, tuning = (_search(champion, rows, index, blank, config) for rows in (train, held_out))
    scorer = _forget_constants(fit_scorer(searched, tuning, blank, config))
    return replace(champion, scorer=scorer, thresholds={}, metrics={})


def blank_topics(reading: Reading) -> Reading:
    """Returns a reading that knows language and embedding only."""
    nothing = Label("", 0.0)
    return replace(reading, category=nothing, topic=nothing, categories={}, topics={}, out_of_scope=0.0)


def _sample(
    champion: Bundle, tickets: Sequence[LabelledTicket], split: Split, count: int
) -> Rows[LabelledTicket]:
    own = [ticket for ticket in tickets if ticket.split is split]
    chosen = np.sort(np.random.default_rng(SEED).permutation(len(own))[:count])
    return make_rows([own[i] for i in chosen], FeatureReader(champion.encoder, champion.vocabulary))


def _search(
    champion: Bundle,
    rows: Rows[LabelledTicket],
    index: KnowledgeIndex,
    blank: TopicArticles,
    config: ResolutionConfig,
) -> Searched:
    read = champion.read_features(rows.features, [str(ticket.language) for ticket in rows.tickets])
    readings = [blank_topics(reading) for reading in read]
    scorer = replace(champion.scorer, topic_articles=blank)
    return search(rows.tickets, readings, index, scorer, config)


def _forget_constants(scorer: ResolutionScorer) -> ResolutionScorer:
    """Sets the weight of every blanked feature to nothing, so that later readings need not be blanked."""
    constant = scorer.scale <= 1e-6
    return replace(
        scorer,
        ticket_weights=np.where(constant, 0.0, scorer.ticket_weights),
        mean=np.where(constant, 0.0, scorer.mean),
        scale=np.where(constant, 1.0, scorer.scale),
    )

"""``firstline train all``: corpus → features → heads → scorer → thresholds → figures → registry → champion."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.articles import ARTICLES_DIR, load_articles
from data.feedback import FeedbackTicket
from data.schema import LabelledTicket
from data.taxonomy import TAXONOMY_FILE, Taxonomy, load_taxonomy
from data.tickets import TICKETS_DIR
from kb_index.plan import IndexOptions
from kb_index.refresh import refresh_index
from kb_index.search import KnowledgeIndex, open_current
from models.bundle import Bundle, open_vocabulary, save_bundle
from models.champion import open_champion
from models.encoder import DEFAULT_ENCODER, open_encoder
from models.features import FeatureReader
from models.heads import Head
from models.novelty import Novelty
from models.reading import Reading
from models.resolution import ResolutionScorer, TopicArticles
from models.static_encoder import StaticEncoder
from models.thresholds import Threshold
from training import category, sentiment, urgency
from training.dataset import Dataset, folds, load_dataset
from training.errors import TrainingError
from training.figures import measure_run
from training.heads import HeadsConfig, HeadSpec, Rows, check_heads, is_authored, train_heads
from training.novelty import OUT_OF_SCOPE, fit_novelty
from training.resolution import (
    Judged,
    ResolutionConfig,
    Searched,
    fit_scorer,
    fit_thresholds,
    judge,
    search,
)

log = logging.getLogger(__name__)
SPECS = (category.SPEC, sentiment.SPEC, urgency.SPEC)
RESOLUTION = "resolution"
PARTS = (*(spec.name for spec in SPECS), RESOLUTION)


@dataclass(frozen=True)
class PipelineConfig:
    """What a run is told; it is saved with the run.

    Attributes:
        var: where runs are written; `bundles` where served bundles lie.
        parts: what is fitted, of `PARTS`; the rest is taken from the champion.
        variants: noisy copies of each training ticket.
        scorer_folds: the scorer learns from readings by heads that have not seen the ticket.
        scorer_epochs: of the token view of those heads.
    """

    encoder: str = DEFAULT_ENCODER
    tickets: Path = TICKETS_DIR
    articles: Path = ARTICLES_DIR
    taxonomy: Path = TAXONOMY_FILE
    var: Path = Path("var")
    bundles: Path = Path("var/bundles")
    parts: tuple[str, ...] = PARTS
    variants: int = 1
    scorer_folds: int = 2
    scorer_epochs: int = 4
    seed: int = 13
    heads: HeadsConfig = field(default_factory=HeadsConfig)
    index: IndexOptions = field(default_factory=IndexOptions)
    resolution: ResolutionConfig = field(default_factory=ResolutionConfig)


@dataclass(frozen=True)
class TrainedRun:
    """A finished run.

    Attributes:
        folder: where the bundle was written.
        test: readings of the test split; `answers` what the scorer says of them.
    """

    bundle: Bundle
    folder: Path
    dataset: Dataset
    test: Sequence[Reading]
    answers: Judged
    seconds: float


def train(config: PipelineConfig, feedback: Sequence[FeedbackTicket] = ()) -> TrainedRun:
    """Fits, measures and saves a bundle; it is not promoted yet.

    Args:
        config: what the run is told.
        feedback: tickets that people corrected, trained on beside the labelled ones.

    Raises:
        DataError: tickets, articles or taxonomy are not usable.
        TrainingError: they are too few to learn from.
    """
    _limit_threads()
    check_heads(config.heads)
    started = time.monotonic()
    reader = open_reader(config.encoder)
    dataset = load_dataset(reader, config.tickets, config.variants, config.seed, feedback)
    log.info(
        "%d training rows, %d to tune on, %d to certify with",
        *(len(rows.tickets) for rows in (dataset.train, dataset.tuning, dataset.certifying)),
    )
    index = _open_index(config, reader)
    previous = open_champion(config.bundles) if set(config.parts) != set(PARTS) else None
    bundle = _fit(config, reader, dataset, index, previous)
    test = _search(bundle, bundle.scorer, dataset.test, index, config)
    answers = judge(bundle.scorer, test)
    metrics = measure_run(bundle, test, answers)
    metrics |= {"rows": _rows(dataset), "fit_seconds": round(time.monotonic() - started, 1)}
    bundle = replace(bundle, metrics=metrics)
    folder = config.var / "runs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    version = save_bundle(bundle, folder)
    seconds = time.monotonic() - started
    return TrainedRun(replace(bundle, version=version), folder, dataset, test.readings, answers, seconds)


def open_reader(reference: str) -> FeatureReader:
    """Returns the reader of all views for a configured encoder."""
    encoder = open_encoder(reference)
    return FeatureReader(encoder, encoder if isinstance(encoder, StaticEncoder) else open_vocabulary())


def _open_index(config: PipelineConfig, reader: FeatureReader) -> KnowledgeIndex:
    """Returns an index of the run's own, so that the one in use stays as it is until the bundle is promoted."""
    root = config.var / "runs" / "index"
    refresh_index(load_articles(config.articles), reader.encoder, root, config.index)
    return open_current(root, reader.encoder.id, reader.encoder.dim)


def _fit(
    config: PipelineConfig,
    reader: FeatureReader,
    dataset: Dataset,
    index: KnowledgeIndex,
    previous: Bundle | None,
) -> Bundle:
    if previous is not None and previous.encoder.id != reader.encoder.id:
        raise TrainingError(
            f"the champion was trained on {previous.encoder.id}, the configuration names {reader.encoder.id}: "
            "run 'firstline train all'"
        )
    if (
        previous is not None
        and config.parts == (RESOLUTION,)
        and "certifying" not in previous.metrics.get("rows", ())
    ):
        raise TrainingError(
            "the champion's topic head was tuned on the tickets that would have to certify the thresholds: run "
            "'firstline train all'"
        )
    taxonomy = load_taxonomy(config.taxonomy)
    specs = [spec for spec in SPECS if spec.name in config.parts]
    fitted = _fit_heads(specs, dataset, reader, config) if specs else {}
    heads = {**(previous.heads if previous else {}), **fitted}
    refit = RESOLUTION in config.parts or category.SPEC.name in config.parts or previous is None
    bundle = Bundle(
        encoder_reference=config.encoder,
        encoder=reader.encoder,
        vocabulary=reader.vocabulary,
        heads=heads,
        novelty=_fit_novelty(dataset.train) if refit or previous is None else previous.novelty,
        scorer=_blank_scorer(taxonomy) if refit or previous is None else previous.scorer,
        thresholds={} if refit or previous is None else previous.thresholds,
        topic_category={topic.name: str(topic.category) for topic in taxonomy.topics},
        data_hash=dataset.hash,
        metrics={},
    )
    if not refit:
        return bundle
    scorer, thresholds = _fit_resolution(config, reader, dataset, index, bundle)
    return replace(bundle, scorer=scorer, thresholds=thresholds)


def _fit_heads(
    specs: Sequence[HeadSpec], dataset: Dataset, reader: FeatureReader, config: PipelineConfig
) -> dict[str, Head]:
    rows = dataset.train.join(dataset.extra)
    return train_heads(specs, rows, dataset.tuning, reader.vocabulary, config.heads)


def _fit_resolution(
    config: PipelineConfig, reader: FeatureReader, dataset: Dataset, index: KnowledgeIndex, bundle: Bundle
) -> tuple[ResolutionScorer, dict[str, Threshold]]:
    rows, readings = _read_unseen(config, reader, dataset, bundle)
    blank = bundle.scorer
    train = search(rows.tickets, readings, index, blank, config.resolution)
    tuning, certifying = (
        _search(bundle, blank, part, index, config) for part in (dataset.tuning, dataset.certifying)
    )
    scorer = fit_scorer(train, tuning, blank.topic_articles, config.resolution)
    return scorer, fit_thresholds(judge(scorer, tuning), judge(scorer, certifying), config.resolution)


def _search(
    bundle: Bundle,
    scorer: ResolutionScorer,
    rows: Rows[LabelledTicket],
    index: KnowledgeIndex,
    config: PipelineConfig,
) -> Searched:
    """Returns what the bundle reads in each ticket, and the articles proposed for it."""
    return search(rows.tickets, _read(bundle, rows), index, scorer, config.resolution)


def _read_unseen(
    config: PipelineConfig, reader: FeatureReader, dataset: Dataset, bundle: Bundle
) -> tuple[Rows[LabelledTicket], list[Reading]]:
    """Returns training tickets, each read by a topic head that was fitted without it."""
    token_views = replace(config.heads.token_views, epochs=config.scorer_epochs, seeds=(config.seed,))
    heads_config = replace(config.heads, token_views=token_views)
    numbers: list[NDArray[np.intp]] = []
    readings: list[Reading] = []
    for fold_train, held_out in folds(dataset.train, config.scorer_folds, config.seed):
        rows = dataset.train.take(fold_train)
        fitted = train_heads([category.SPEC], rows, dataset.tuning, reader.vocabulary, heads_config)
        part = dataset.train.take(held_out)
        readings += _read(replace(bundle, heads={**bundle.heads, **fitted}), part)
        numbers.append(held_out)
    return dataset.train.take(np.concatenate(numbers)), readings


def _fit_novelty(train: Rows[LabelledTicket]) -> Novelty:
    authored = train.take(np.flatnonzero([is_authored(ticket) for ticket in train.tickets]))
    labels = [None if ticket.topic == OUT_OF_SCOPE else ticket.topic for ticket in authored.tickets]
    return fit_novelty(authored.features.embedding, labels)


def _blank_scorer(taxonomy: Taxonomy) -> ResolutionScorer:
    articles = TopicArticles({topic.name: topic.article_id for topic in taxonomy.topics})
    return ResolutionScorer(articles, np.zeros(1), np.zeros(1), 0.0, np.zeros(1), np.ones(1))


def _read(bundle: Bundle, rows: Rows[LabelledTicket]) -> list[Reading]:
    return bundle.read_features(rows.features, [str(ticket.language) for ticket in rows.tickets])


def _rows(dataset: Dataset) -> dict[str, int]:
    return {
        "train": len(dataset.train.tickets),
        "tuning": len(dataset.tuning.tickets),
        "certifying": len(dataset.certifying.tickets),
        "test": len(dataset.test.tickets),
        "feedback": sum(isinstance(row, FeedbackTicket) for row in dataset.extra.tickets),
    }


def _limit_threads(count: int = 2) -> None:
    import torch

    torch.set_num_threads(count)

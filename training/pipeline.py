"""``firstline train all``: corpus → features → heads → scorer → thresholds → figures → registry → champion."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.articles import ARTICLES_DIR, load_articles
from data.feedback import FeedbackTicket
from data.schema import Article, LabelledTicket
from data.taxonomy import TAXONOMY_FILE, Taxonomy, load_taxonomy
from data.tickets import TICKETS_DIR
from evaluation.classification import measure_readings
from evaluation.resolution import measure_answers, measure_ranking
from kb_index.build import BuildOptions, build_index, update_index
from kb_index.errors import DamagedIndexError, NoIndexError
from kb_index.plan import IndexOptions
from kb_index.search import KnowledgeIndex, open_current
from models.bundle import Bundle, open_vocabulary, save_bundle
from models.champion import open_champion
from models.encoder import DEFAULT_ENCODER, Encoder, open_encoder
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
from training.heads import HeadsConfig, HeadSpec, Rows, train_heads
from training.resolution import (
    Judged,
    ResolutionConfig,
    calibrate_scorer,
    find_candidates,
    fit_scorer,
    fit_thresholds,
    judge,
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
    started = time.monotonic()
    reader = open_reader(config.encoder)
    dataset = load_dataset(reader, config.tickets, config.variants, config.seed, feedback)
    log.info(
        "%d training rows, %d for calibration", len(dataset.train.tickets), len(dataset.calibration.tickets)
    )
    index = _open_index(config, reader)
    previous = open_champion(config.bundles) if set(config.parts) != set(PARTS) else None
    bundle = _fit(config, reader, dataset, index, previous)
    test = _read(bundle, dataset.test)
    found = find_candidates(test, _texts(dataset.test), index, bundle.scorer, config.resolution)
    answers = judge(bundle.scorer, test, found, dataset.test)
    ranked = [bundle.scorer.rank(reading, own) for reading, own in zip(test, found, strict=True)]
    metrics = _measure(bundle, dataset, test, answers, started)
    metrics["ranking"] = measure_ranking(dataset.test.tickets, ranked)
    bundle = replace(bundle, metrics=metrics)
    folder = config.var / "runs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    version = save_bundle(bundle, folder)
    seconds = time.monotonic() - started
    return TrainedRun(replace(bundle, version=version), folder, dataset, test, answers, seconds)


def open_reader(reference: str) -> FeatureReader:
    """Returns the reader of all views for a configured encoder."""
    encoder = open_encoder(reference)
    return FeatureReader(encoder, encoder if isinstance(encoder, StaticEncoder) else open_vocabulary())


def _open_index(config: PipelineConfig, reader: FeatureReader) -> KnowledgeIndex:
    """Returns an index of the run's own, so that the one in use stays as it is until the bundle is promoted."""
    root = config.var / "runs" / "index"
    refresh_index(load_articles(config.articles), reader.encoder, root, config.index)
    return open_current(root, reader.encoder.id, reader.encoder.dim)


def refresh_index(
    articles: Sequence[Article], encoder: Encoder, root: Path, index: IndexOptions | None = None
) -> None:
    """Makes the index under `root` hold the articles as they are now; one that cannot be updated is built anew."""
    options = BuildOptions(index=index or IndexOptions())
    try:
        update_index(articles, encoder, root, options)
    except (NoIndexError, DamagedIndexError) as error:
        log.info("the index is built anew: %s", error)
        build_index(articles, encoder, root, options)


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
        novelty=_fit_novelty(dataset.train, taxonomy) if refit or previous is None else previous.novelty,
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
    return train_heads(specs, rows, dataset.calibration, reader.vocabulary, config.heads)


def _fit_resolution(
    config: PipelineConfig, reader: FeatureReader, dataset: Dataset, index: KnowledgeIndex, bundle: Bundle
) -> tuple[ResolutionScorer, dict[str, Threshold]]:
    rows, readings = _read_unseen(config, reader, dataset, bundle)
    articles = bundle.scorer.topic_articles
    candidates = find_candidates(readings, _texts(rows), index, bundle.scorer, config.resolution)
    scorer = fit_scorer(readings, candidates, rows, articles, config.resolution)
    held_out = dataset.calibration
    held_readings = _read(bundle, held_out)
    held_candidates = find_candidates(held_readings, _texts(held_out), index, scorer, config.resolution)
    scorer = calibrate_scorer(scorer, held_readings, held_candidates, held_out)
    judged = judge(scorer, held_readings, held_candidates, held_out)
    return scorer, fit_thresholds(judged, config.resolution)


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
        fitted = train_heads([category.SPEC], rows, dataset.calibration, reader.vocabulary, heads_config)
        part = dataset.train.take(held_out)
        readings += _read(replace(bundle, heads={**bundle.heads, **fitted}), part)
        numbers.append(held_out)
    return dataset.train.take(np.concatenate(numbers)), readings


def _fit_novelty(train: Rows[LabelledTicket], taxonomy: Taxonomy) -> Novelty:
    """Centroids of the topics that have an article: what the desk can speak about."""
    embedding = train.features.embedding
    centroids = []
    for topic in taxonomy.topics:
        rows = [i for i, ticket in enumerate(train.tickets) if ticket.topic == topic.name]
        if topic.article_id and rows:
            mean = embedding[rows].mean(axis=0)
            centroids.append(mean / max(float(np.linalg.norm(mean)), 1e-12))
    return Novelty(np.array(centroids, dtype=np.float32))


def _blank_scorer(taxonomy: Taxonomy) -> ResolutionScorer:
    articles = TopicArticles({topic.name: topic.article_id for topic in taxonomy.topics})
    return ResolutionScorer(articles, np.zeros(1), np.zeros(1), 0.0, np.zeros(1), np.ones(1))


def _read(bundle: Bundle, rows: Rows[LabelledTicket]) -> list[Reading]:
    return bundle.read_features(rows.features, [str(ticket.language) for ticket in rows.tickets])


def _texts(rows: Rows[LabelledTicket]) -> list[str]:
    return [ticket.text for ticket in rows.tickets]


def _measure(
    bundle: Bundle, dataset: Dataset, test: Sequence[Reading], answers: Judged, started: float
) -> dict[str, Any]:
    return {
        "models": measure_readings(dataset.test.tickets, test),
        "answers": measure_answers(
            dataset.test.tickets, answers.probabilities, answers.right, answers.categories, bundle.thresholds
        ),
        "rows": {
            "train": len(dataset.train.tickets),
            "calibration": len(dataset.calibration.tickets),
            "test": len(dataset.test.tickets),
            "feedback": sum(isinstance(row, FeedbackTicket) for row in dataset.extra.tickets),
        },
        "fit_seconds": round(time.monotonic() - started, 1),
    }


def _limit_threads(count: int = 2) -> None:
    import torch

    torch.set_num_threads(count)

"""A bundle and an index of the real formats and sizes around the shipped encoder, taught nothing.

Every message is a calm password question, and its best article resolves it: what the service does around the
models can be tested, what the models know cannot.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.articles import load_articles
from data.schema import Category, Sentiment
from data.taxonomy import load_taxonomy
from kb_index.build import build_index
from models.bundle import Bundle, open_vocabulary, save_bundle
from models.champion import install
from models.encoder import DEFAULT_ENCODER, unit_rows
from models.features import FeatureReader, View
from models.heads import LightHead, LinearView
from models.novelty import Novelty
from models.resolution import CANDIDATE_FEATURES, TICKET_FEATURES, ResolutionScorer, TopicArticles
from models.thresholds import Threshold

TOPIC = "password_reset"
SURE = 12.0


def build_var(folder: Path) -> None:
    """Writes ``bundles/`` with a champion and ``index/`` under `folder`."""
    build_index(load_articles(), open_vocabulary(), folder / "index")
    promote_another(folder, seed=0)


def promote_another(folder: Path, seed: int) -> str:
    """Makes a new bundle the champion and returns its version."""
    version = save_bundle(untrained_bundle(np.random.default_rng(seed)), folder / "made")
    install(folder / "made", folder / "bundles", version)
    return version


def untrained_bundle(rng: np.random.Generator) -> Bundle:
    """Returns a bundle of the real sizes."""
    encoder = open_vocabulary()
    features = FeatureReader(encoder, encoder).read(["a"])
    widths = {view: int(features.matrix(view).shape[1]) for view in View}
    taxonomy = load_taxonomy()
    topics = tuple(taxonomy.by_name)
    scorer = ResolutionScorer(
        topic_articles=TopicArticles({topic.name: topic.article_id for topic in taxonomy.topics}),
        candidate_weights=np.ones(len(CANDIDATE_FEATURES)),
        ticket_weights=np.zeros(len(TICKET_FEATURES)),
        ticket_bias=3.0,
        mean=np.zeros(len(TICKET_FEATURES)),
        scale=np.ones(len(TICKET_FEATURES)),
    )
    known: NDArray[np.float32] = rng.standard_normal((len(topics), encoder.dim)).astype(np.float32)
    return Bundle(
        encoder_reference=DEFAULT_ENCODER,
        encoder=encoder,
        vocabulary=encoder,
        heads={
            "topic": _head(topics, TOPIC, widths, rng),
            "sentiment": _head(tuple(Sentiment), Sentiment.NEUTRAL, widths, rng),
            "urgent": _head(("false", "true"), "false", widths, rng),
        },
        novelty=Novelty(np.eye(encoder.dim, dtype=np.float32), unit_rows(known), unit_rows(known[:1])),
        scorer=scorer,
        thresholds={name: Threshold(name, 0.5, 100, 0, 0.03) for name in Category},
        topic_category={topic.name: topic.category for topic in taxonomy.topics},
        data_hash="untrained",
        metrics={},
    )


def _head(
    labels: tuple[str, ...], always: str, widths: dict[View, int], rng: np.random.Generator
) -> LightHead:
    bias = np.zeros(len(labels), dtype=np.float32)
    bias[labels.index(always)] = SURE
    views = {
        view: LinearView(
            (rng.standard_normal((width, len(labels))) * 0.01).astype(np.float32), bias, 1 / len(widths)
        )
        for view, width in widths.items()
    }
    return LightHead(tuple(str(label) for label in labels), views)


if __name__ == "__main__":
    build_var(Path(sys.argv[1]))

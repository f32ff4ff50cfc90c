"""A sentence-transformers model in place of the static encoder, by its name alone: everything retrains around it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.articles import load_articles
from evaluation.prediction import predict_lines
from kb_index.chunks import chunk_article
from kb_index.refresh import refresh_index
from kb_index.search import open_current
from models.bundle import load_bundle, open_vocabulary
from models.champion import install
from models.transformer_encoder import TransformerEncoder
from serving.offline import open_offline_desk
from serving.settings import load_settings
from serving.settings.load import SHIPPED_FILE
from tests.unit.models.tiny_transformer import tiny_sentence_transformer
from tests.unit.training.toy import WISHES, ToyDesk, toy_tickets
from training.pipeline import PipelineConfig, TrainedRun, train

QUESTIONS = {"en": "where is my order", "de": "passwort vergessen", "ja": "商品が届きません"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> PipelineConfig:
    folder = tmp_path_factory.mktemp("hub")
    texts = [
        *(ticket.text for ticket in toy_tickets()),
        *(wish for wishes in WISHES.values() for wish in wishes),
    ]
    model = tiny_sentence_transformer(folder / "built", [*texts, "query: passage:"])
    model.rename(folder / "tiny-e5")
    return replace(ToyDesk(folder).write(), encoder=str(folder / "tiny-e5"))


@pytest.fixture(scope="module")
def run(config: PipelineConfig) -> TrainedRun:
    return train(config)


@pytest.fixture(scope="module")
def raw(config: PipelineConfig) -> Any:
    """The same model without anything of ours around it."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(config.encoder, device="cpu")


def test_train_transformer_encoder_is_learnt_on_and_named(run: TrainedRun, config: PipelineConfig) -> None:
    bundle = load_bundle(run.folder)
    assert isinstance(bundle.encoder, TransformerEncoder)
    assert bundle.encoder.id.startswith("tiny-e5@")
    assert (bundle.encoder_reference, bundle.vocabulary.id) == (config.encoder, open_vocabulary().id)
    assert run.bundle.metrics["models"]["overall"]["category_macro_f1"] >= 0.9
    assert bundle.novelty.score(bundle.encoder.encode(list(QUESTIONS.values()))).shape == (3,)
    assert bundle.encoder.dim == 32


def test_read_tickets_are_embedded_as_queries(run: TrainedRun, raw: Any) -> None:
    texts = list(QUESTIONS.values())
    embedded = np.stack([reading.embedding for reading in run.bundle.read(texts, [None] * len(texts))])
    expected = raw.encode([f"query: {text}" for text in texts], normalize_embeddings=True)
    np.testing.assert_allclose(embedded, expected, atol=1e-5)
    assert not np.allclose(embedded, raw.encode(texts, normalize_embeddings=True), atol=1e-3)


def test_search_articles_are_embedded_as_passages(run: TrainedRun, config: PipelineConfig, raw: Any) -> None:
    encoder = run.bundle.encoder
    index = open_current(config.var / "runs" / "index", encoder.id, encoder.dim)
    question = QUESTIONS["ja"]
    query = raw.encode([f"query: {question}"], normalize_embeddings=True)
    hits = index.search(query, [question], ["ja"], 2)[0]
    assert {hit.article_id for hit in hits} == {"KB901", "KB902"}
    for hit in hits:
        articles = [article for article in load_articles(config.articles) if article.id == hit.article_id]
        passages = [f"passage: {chunk.passage}" for article in articles for chunk in chunk_article(article)]
        nearest = float((query @ raw.encode(passages, normalize_embeddings=True).T).max())
        assert hit.dense == pytest.approx(nearest, abs=1e-3)
        bare = [passage.removeprefix("passage: ") for passage in passages]
        assert abs(nearest - float((query @ raw.encode(bare, normalize_embeddings=True).T).max())) > 2e-3


def test_predict_desk_around_a_transformer_decides_in_every_language(
    run: TrainedRun, config: PipelineConfig, tmp_path: Path
) -> None:
    environ = {"FIRSTLINE_VAR": str(tmp_path), "FIRSTLINE_ENCODER": config.encoder}
    settings = load_settings(SHIPPED_FILE, environ)
    settings.models.bundles.mkdir(parents=True)
    install(run.folder, settings.models.bundles, run.bundle.version)
    refresh_index(load_articles(config.articles), run.bundle.encoder, settings.index.root)
    opened = open_offline_desk(settings)
    rows = [json.dumps({"message": text, "language": language}) for language, text in QUESTIONS.items()]
    written = io.StringIO()
    report = predict_lines(opened.desk, rows, written)
    assert (report.predicted, report.problems) == (3, [])
    categories = [json.loads(line)["category"] for line in written.getvalue().splitlines()]
    assert categories == ["shipping", "account", "shipping"]

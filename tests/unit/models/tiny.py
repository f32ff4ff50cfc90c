"""Models of the real kinds, small enough to build in memory."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from models.bigrams import Bigrams
from models.bundle import Bundle
from models.encoder import Encoder, unit_rows
from models.features import FeatureReader, View
from models.heads import LightHead, LinearView
from models.novelty import Novelty
from models.reading import Label, Reading
from models.resolution import CANDIDATE_FEATURES, TICKET_FEATURES, ResolutionScorer, TopicArticles
from models.static_encoder import StaticEncoder
from models.thresholds import Threshold
from models.vector_table import quantize_rows

DIM = 16
TEXTS = (
    "Where is my order? I want my money back.",
    "I forgot my password and cannot log in.",
    "¿Dónde está mi pedido? Quiero mi dinero.",
    "Olvidé la contraseña y no puedo entrar.",
    "Où est ma commande ? Je veux être remboursé.",
    "Wo ist meine Bestellung? Passwort vergessen!",
    "注文した商品はどこですか。返金してください。",
    "パスワードを忘れてログインできません。",
    "我的订单在哪里？我要退款。",
    "忘记密码，无法登录。",
)
TOPIC_CATEGORY = {"order_tracking": "shipping", "password_reset": "account", "human_agent": "other"}
TOPIC_ARTICLES = {"order_tracking": "KB003", "password_reset": "KB001", "human_agent": None}
SENTIMENTS = ("negative", "neutral", "positive", "very_negative", "very_positive")


@dataclass(frozen=True)
class TinyCandidate:
    """What a search found, as far as a scorer looks."""

    article_id: str
    language: str
    category: str
    dense: float
    lexical: float
    preferred_language: bool


@cache
def tiny_tokenizer() -> bytes:
    output = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 5),
        model_writer=output,
        vocab_size=200,
        hard_vocab_limit=False,
        character_coverage=1.0,
        bos_id=-1,
        eos_id=-1,
        unk_id=0,
        minloglevel=2,
        num_threads=1,
    )
    return output.getvalue()


def tiny_encoder(seed: int = 0, bits: int = 8) -> StaticEncoder:
    bigrams = tiny_bigrams()
    vectors = np.random.default_rng(seed).standard_normal((bigrams.width, DIM)).astype(np.float32)
    vectors[0] = 0  # the unknown token says nothing
    languages = ("en", "es", "fr", "de", "ja", "zh")
    return StaticEncoder("tiny", tiny_tokenizer(), quantize_rows(vectors, bits), languages, bigrams)


@cache
def tiny_bigrams() -> Bigrams:
    """Every second pair of tokens of the texts."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=tiny_tokenizer())
    pairs = {pair for ids in processor.encode(list(TEXTS)) for pair in pairwise(ids)}
    return Bigrams(np.array(sorted(pairs)[::2], dtype=np.int32), processor.get_piece_size())


def tiny_bundle(encoder: Encoder | None = None, seed: int = 0) -> Bundle:
    vocabulary = tiny_encoder()
    encoder = encoder or vocabulary
    random = np.random.default_rng(seed)
    reader = FeatureReader(encoder, vocabulary)
    widths = {view: int(reader.read(["x"]).matrix(view).shape[1]) for view in View}
    return Bundle(
        encoder_reference="tiny",
        encoder=encoder,
        vocabulary=vocabulary,
        heads={
            "topic": tiny_head(tuple(sorted(TOPIC_CATEGORY)), widths, random),
            "sentiment": tiny_head(SENTIMENTS, widths, random),
            "urgent": tiny_head(("false", "true"), widths, random),
        },
        novelty=tiny_novelty(encoder.dim, random),
        scorer=tiny_scorer(random),
        thresholds={
            "shipping": Threshold("shipping", 0.4, 100, 1, 0.04),
            "account": Threshold("account", None, 3, 1, 0.9, labels_needed=80),
        },
        topic_category=TOPIC_CATEGORY,
        data_hash="toy",
        metrics={"overall": {"f1": 0.5}},
    )


def tiny_novelty(dim: int, random: np.random.Generator) -> Novelty:
    known, foreign = (unit_rows(random.standard_normal((2, dim)).astype(np.float32)) for _ in range(2))
    return Novelty(random.standard_normal((dim, dim)).astype(np.float32), known, foreign)


def tiny_head(labels: tuple[str, ...], widths: dict[View, int], random: np.random.Generator) -> LightHead:
    shares = random.dirichlet(np.ones(len(widths)))
    views = {
        view: LinearView(
            np.resize(random.standard_normal(997), (width, len(labels)))
            .astype(np.float16)
            .astype(np.float32),
            random.standard_normal(len(labels)).astype(np.float32),
            float(share),
        )
        for (view, width), share in zip(widths.items(), shares, strict=True)
    }
    return LightHead(labels, views, temperature=1.3)


def tiny_scorer(random: np.random.Generator) -> ResolutionScorer:
    return ResolutionScorer(
        topic_articles=TopicArticles(TOPIC_ARTICLES),
        candidate_weights=random.standard_normal(len(CANDIDATE_FEATURES)),
        ticket_weights=random.standard_normal(len(TICKET_FEATURES)),
        ticket_bias=0.3,
        mean=random.standard_normal(len(TICKET_FEATURES)),
        scale=random.uniform(0.5, 2, len(TICKET_FEATURES)),
    )


def tiny_reading(topics: dict[str, float] | None = None, language: str = "ja") -> Reading:
    topics = topics or {"order_tracking": 0.7, "password_reset": 0.2, "human_agent": 0.1}
    categories: dict[str, float] = {}
    for topic, probability in topics.items():
        name = TOPIC_CATEGORY[topic]
        categories[name] = categories.get(name, 0.0) + probability
    embedding: NDArray[np.float32] = np.zeros(DIM, dtype=np.float32)
    embedding[0] = 1
    return Reading(
        language=language,
        category=_best(categories),
        topic=_best(topics),
        sentiment=Label("neutral", 0.6),
        urgent=Label("false", 0.2),
        categories=categories,
        topics=topics,
        out_of_scope=0.25,
        embedding=embedding,
    )


def tiny_candidate(
    article_id: str = "KB003", dense: float = 0.6, lexical: float = 1.0, preferred: bool = True
) -> TinyCandidate:
    category = {"KB003": "shipping", "KB001": "account"}.get(article_id, "other")
    return TinyCandidate(article_id, "ja" if preferred else "en", category, dense, lexical, preferred)


def _best(probabilities: dict[str, float]) -> Label:
    name = max(probabilities, key=lambda key: probabilities[key])
    return Label(name, probabilities[name])

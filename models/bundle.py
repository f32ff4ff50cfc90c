"""A bundle: everything that reads a ticket, versioned and served as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.bundle_upgrade import OLD_FORMAT, upgrade_bundle
from models.encoder import DEFAULT_ENCODER, Encoder, open_encoder
from models.errors import BundleError
from models.features import FeatureReader, Features
from models.heads import Head
from models.language import LanguageReader
from models.novelty import Novelty
from models.reading import Label, Reading
from models.resolution import Candidate, ResolutionScorer, TopicArticles, Verdict
from models.saved_heads import load_heads, save_heads
from models.static_encoder import StaticEncoder
from models.thresholds import Threshold

MANIFEST_FILE = "bundle.json"
WEIGHTS_FILE = "weights.safetensors"
FORMAT = 2
URGENT, NOT_URGENT = "true", "false"
URGENT_FROM = 0.4
"""The probability from which a ticket counts as urgent: to miss one is worse than to hurry for one."""
SCORER_TENSORS = ("candidate_weights", "ticket_weights", "mean", "scale")


@dataclass(frozen=True)
class Bundle:
    """The models of one version.

    Attributes:
        encoder_reference: the line of configuration that names the encoder.
        vocabulary: the static encoder whose tokens the heads count; the shipped one, or `encoder` itself.
        heads: ``topic``, ``sentiment`` and ``urgent``; a category's probability is that of its topics.
        topic_category: the category of each topic.
        data_hash: of the training rows.
        metrics: figures of the run that made it.
    """

    encoder_reference: str
    encoder: Encoder
    vocabulary: StaticEncoder
    heads: Mapping[str, Head]
    novelty: Novelty
    scorer: ResolutionScorer
    thresholds: Mapping[str, Threshold]
    topic_category: Mapping[str, str]
    data_hash: str
    metrics: Mapping[str, Any]
    languages: LanguageReader = field(default_factory=LanguageReader)
    version: str = "unsaved"

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
        """Returns what the models read in each text; a given language is believed, None is found out."""
        if not texts:
            return []
        features = FeatureReader(self.encoder, self.vocabulary).read(texts)
        return self.read_features(features, self._languages(texts, languages))

    def read_features(self, features: Features, languages: Sequence[str]) -> list[Reading]:
        """Returns the readings of texts whose features and languages are known."""
        heads = self.heads
        topic = np.exp(heads["topic"].log_probabilities(features))
        sentiment = np.exp(heads["sentiment"].log_probabilities(features))
        urgent = np.exp(heads["urgent"].log_probabilities(features))[:, heads["urgent"].labels.index(URGENT)]
        category = topic @ self._topic_to_category
        novelty = self.novelty.score(features.embedding)
        topic_labels, sentiment_labels = heads["topic"].labels, heads["sentiment"].labels
        return [
            Reading(
                language=languages[i],
                category=_best(self.categories, category[i]),
                topic=_best(topic_labels, topic[i]),
                sentiment=_best(sentiment_labels, sentiment[i]),
                urgent=Label(URGENT if urgent[i] >= URGENT_FROM else NOT_URGENT, float(urgent[i])),
                categories=dict(zip(self.categories, category[i].tolist(), strict=True)),
                topics=dict(zip(topic_labels, topic[i].tolist(), strict=True)),
                out_of_scope=float(novelty[i]),
                embedding=features.embedding[i],
            )
            for i in range(len(features))
        ]

    def suggest(self, readings: Sequence[Reading]) -> list[list[str]]:
        """Returns for each ticket the articles that a search should not leave out."""
        return [self.scorer.suggest(reading) for reading in readings]

    def judge(
        self,
        readings: Sequence[Reading],
        candidates: Sequence[Sequence[Candidate]],
        lengths: Sequence[int],
    ) -> list[Verdict]:
        """Returns the best article of each ticket, the chance that it resolves it, and its threshold.

        Args:
            readings: of the tickets.
            candidates: what the search found for each, in any order.
            lengths: characters of each ticket's text.
        """
        verdicts = []
        for reading, (best, probability) in zip(
            readings, self.scorer.score(readings, candidates, lengths), strict=True
        ):
            threshold = self.thresholds.get(reading.category.value)
            verdicts.append(
                Verdict(
                    article_id=best.article_id if best else None,
                    article_language=best.language if best else None,
                    probability=probability,
                    threshold=threshold.value if threshold else None,
                )
            )
        return verdicts

    def _languages(self, texts: Sequence[str], given: Sequence[str | None]) -> list[str]:
        unknown = [i for i, language in enumerate(given) if not language]
        guesses = self.languages.read([texts[i] for i in unknown])
        found = dict(zip(unknown, guesses, strict=True))
        return [found[i].language if i in found else str(given[i]) for i in range(len(texts))]

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The categories, in alphabetical order."""
        return tuple(sorted(set(self.topic_category.values())))

    @cached_property
    def _topic_to_category(self) -> NDArray[np.float32]:
        """``(topics, categories)`` of zeros and ones."""
        topics = self.heads["topic"].labels
        matrix = np.zeros((len(topics), len(self.categories)), dtype=np.float32)
        for row, topic in enumerate(topics):
            matrix[row, self.categories.index(self.topic_category[topic])] = 1.0
        return matrix


def save_bundle(bundle: Bundle, folder: Path) -> str:
    """Writes `bundle` to `folder` and returns its version, a hash of what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors, entries = save_heads(bundle.heads, folder)
    save_file({**tensors, **_tensors(bundle)}, folder / WEIGHTS_FILE)
    weights_hash = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    manifest = _manifest(bundle, weights_hash, entries)
    content = json.dumps({name: manifest[name] for name in manifest if name != "metrics"}, sort_keys=True)
    manifest["version"] = hashlib.sha256(content.encode()).hexdigest()[:12]
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
    return str(manifest["version"])


def load_bundle(folder: Path, encoder: Encoder | None = None) -> Bundle:
    """Returns the bundle saved in `folder`.

    Args:
        folder: as written by `save_bundle`.
        encoder: used instead of opening the one the bundle names; it must be the same.

    Raises:
        BundleError: a file is missing or damaged, or the encoder is not the one the heads were trained on.
    """
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        raw = (folder / WEIGHTS_FILE).read_bytes()
        tensors = load_file(folder / WEIGHTS_FILE)
    except (OSError, ValueError, SafetensorError) as error:
        raise BundleError(
            f"{folder} is not a complete bundle: {error}. Run 'firstline train all', or roll back."
        ) from error
    format_found = manifest.get("format") if isinstance(manifest, dict) else None
    if format_found not in (FORMAT, OLD_FORMAT):
        raise BundleError(f"{folder}: format {format_found!r}, this version reads {FORMAT}")
    if hashlib.sha256(raw).hexdigest() != manifest.get("weights_hash"):
        raise BundleError(f"{folder}: {WEIGHTS_FILE} is not what {MANIFEST_FILE} says; restore or retrain it")
    if format_found == OLD_FORMAT:
        manifest, tensors = upgrade_bundle(manifest, tensors)
    encoder = encoder or open_encoder(manifest["encoder_reference"])
    if encoder.id != manifest["encoder_id"]:
        raise BundleError(
            f"{folder} was trained on the encoder {manifest['encoder_id']}, but {manifest['encoder_reference']} "
            f"is now {encoder.id}: run 'firstline train all'"
        )
    vocabulary = encoder if isinstance(encoder, StaticEncoder) else open_vocabulary()
    if vocabulary.id != manifest["vocabulary_id"]:
        raise BundleError(
            f"{folder} counts the tokens of {manifest['vocabulary_id']}, not of {vocabulary.id}"
        )
    heads = load_heads(manifest["heads"], tensors, folder)
    return _assemble(manifest, tensors, heads, encoder, vocabulary)


def open_vocabulary() -> StaticEncoder:
    """Returns the shipped static encoder, whose tokens serve any other encoder's heads."""
    encoder = open_encoder(DEFAULT_ENCODER)
    if not isinstance(encoder, StaticEncoder):
        raise BundleError(f"{DEFAULT_ENCODER} is not a static encoder")
    return encoder


def _best(labels: Sequence[str], probabilities: NDArray[np.float32]) -> Label:
    column = int(probabilities.argmax())
    return Label(labels[column], float(probabilities[column]))


def _tensors(bundle: Bundle) -> dict[str, NDArray[Any]]:
    tensors: dict[str, NDArray[Any]] = {}
    for tensor in SCORER_TENSORS:
        tensors[f"scorer.{tensor}"] = np.ascontiguousarray(getattr(bundle.scorer, tensor), dtype=np.float64)
    tensors.update(bundle.novelty.tensors())
    return tensors


def _manifest(bundle: Bundle, weights_hash: str, heads: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "encoder_reference": bundle.encoder_reference,
        "encoder_id": bundle.encoder.id,
        "vocabulary_id": bundle.vocabulary.id,
        "weights_hash": weights_hash,
        "data_hash": bundle.data_hash,
        "heads": dict(heads),
        "topic_category": dict(bundle.topic_category),
        "topic_articles": dict(bundle.scorer.topic_articles.by_topic),
        "scorer": {"ticket_bias": bundle.scorer.ticket_bias},
        "thresholds": {name: asdict(threshold) for name, threshold in bundle.thresholds.items()},
        "metrics": dict(bundle.metrics),
    }


def _assemble(
    manifest: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    heads: Mapping[str, Head],
    encoder: Encoder,
    vocabulary: StaticEncoder,
) -> Bundle:
    scorer = ResolutionScorer(
        topic_articles=TopicArticles(manifest["topic_articles"]),
        ticket_bias=manifest["scorer"]["ticket_bias"],
        **{tensor: tensors[f"scorer.{tensor}"] for tensor in SCORER_TENSORS},
    )
    return Bundle(
        encoder_reference=manifest["encoder_reference"],
        encoder=encoder,
        vocabulary=vocabulary,
        heads=heads,
        novelty=Novelty.from_tensors(tensors),
        scorer=scorer,
        thresholds={name: Threshold(**fields) for name, fields in manifest["thresholds"].items()},
        topic_category=manifest["topic_category"],
        data_hash=manifest["data_hash"],
        metrics=manifest["metrics"],
        version=manifest["version"],
    )

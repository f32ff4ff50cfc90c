"""A bundle: everything that reads a ticket, versioned and served as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.encoder import Encoder, open_encoder
from models.errors import BundleError
from models.heads import Features, Head, extract_features
from models.language import LanguageReader
from models.novelty import Novelty
from models.reading import Label, Reading
from models.resolution import Candidate, ResolutionScorer, TopicArticles, Verdict
from models.thresholds import Threshold

MANIFEST_FILE = "bundle.json"
WEIGHTS_FILE = "weights.safetensors"
FORMAT = 1
HEADS = ("category", "topic", "sentiment", "urgent")
HEAD_TENSORS = ("dense_weights", "dense_bias", "ngram_weights", "ngram_bias")
SCORER_TENSORS = ("candidate_weights", "ticket_weights", "mean", "scale")


@dataclass(frozen=True)
class Bundle:
    """The models of one version.

    Attributes:
        topic_category: the category of each topic, for joining both heads.
        topic_share: weight of the topic head in the category's log-probability, in [0, 1].
        data_hash: of the training rows.
        metrics: figures of the run that made it.
    """

    encoder_reference: str
    encoder: Encoder
    heads: Mapping[str, Head]
    novelty: Novelty
    scorer: ResolutionScorer
    thresholds: Mapping[str, Threshold]
    topic_category: Mapping[str, str]
    topic_share: float
    data_hash: str
    metrics: Mapping[str, Any]
    languages: LanguageReader = field(default_factory=LanguageReader)
    version: str = "unsaved"

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
        """Returns what the models read in each text; a given language is believed, None is found out."""
        if not texts:
            return []
        features = extract_features(texts, self.encoder.encode(texts))
        return self.read_features(features, self._languages(texts, languages))

    def read_features(self, features: Features, languages: Sequence[str]) -> list[Reading]:
        """Returns the readings of texts whose features and languages are known."""
        topic = np.exp(self.heads["topic"].log_probabilities(features))
        category = self._categories(features, topic)
        sentiment = np.exp(self.heads["sentiment"].log_probabilities(features))
        urgent = np.exp(self.heads["urgent"].log_probabilities(features))
        novelty = self.novelty.score(features.embedding)
        return [
            self._reading(languages[i], category[i], topic[i], sentiment[i], urgent[i], novelty[i], features.embedding[i])
            for i in range(len(features))
        ]  # fmt: skip

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

    def _categories(self, features: Features, topic: NDArray[np.float32]) -> NDArray[np.float32]:
        head = self.heads["category"]
        own = head.log_probabilities(features)
        columns = [head.labels.index(self.topic_category[name]) for name in self.heads["topic"].labels]
        summed = np.zeros_like(own)
        np.add.at(summed.T, columns, topic.T)
        joined = np.exp(self.topic_share * np.log(summed + 1e-6) + (1 - self.topic_share) * own)
        return np.asarray(joined / joined.sum(axis=1, keepdims=True), dtype=np.float32)

    def _reading(
        self,
        language: str,
        category: NDArray[np.float32],
        topic: NDArray[np.float32],
        sentiment: NDArray[np.float32],
        urgent: NDArray[np.float32],
        out_of_scope: float,
        embedding: NDArray[np.float32],
    ) -> Reading:
        heads = self.heads
        p_urgent = float(urgent[heads["urgent"].labels.index("true")])
        return Reading(
            language=language,
            category=_best(heads["category"].labels, category),
            topic=_best(heads["topic"].labels, topic),
            sentiment=_best(heads["sentiment"].labels, sentiment),
            urgent=Label("true" if p_urgent >= 0.5 else "false", p_urgent),
            categories=dict(zip(heads["category"].labels, category.tolist(), strict=True)),
            topics=dict(zip(heads["topic"].labels, topic.tolist(), strict=True)),
            out_of_scope=float(out_of_scope),
            embedding=embedding,
        )


def save_bundle(bundle: Bundle, folder: Path) -> str:
    """Writes `bundle` to `folder` and returns its version, a hash of what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_tensors(bundle), folder / WEIGHTS_FILE)
    weights_hash = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    manifest = _manifest(bundle, weights_hash)
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
    if manifest.get("format") != FORMAT:
        raise BundleError(f"{folder}: format {manifest.get('format')!r}, this version reads {FORMAT}")
    if hashlib.sha256(raw).hexdigest() != manifest["weights_hash"]:
        raise BundleError(f"{folder}: {WEIGHTS_FILE} is not what {MANIFEST_FILE} says; restore or retrain it")
    encoder = encoder or open_encoder(manifest["encoder_reference"])
    if encoder.id != manifest["encoder_id"]:
        raise BundleError(
            f"{folder} was trained on the encoder {manifest['encoder_id']}, but {manifest['encoder_reference']} "
            f"is now {encoder.id}: run 'firstline train all'"
        )
    return _assemble(manifest, tensors, encoder)


def _best(labels: Sequence[str], probabilities: NDArray[np.float32]) -> Label:
    column = int(probabilities.argmax())
    return Label(labels[column], float(probabilities[column]))


def _tensors(bundle: Bundle) -> dict[str, NDArray[Any]]:
    tensors: dict[str, NDArray[Any]] = {}
    for name, head in bundle.heads.items():
        for tensor in HEAD_TENSORS:
            tensors[f"{name}.{tensor}"] = np.ascontiguousarray(getattr(head, tensor), dtype=np.float32)
    for tensor in SCORER_TENSORS:
        tensors[f"scorer.{tensor}"] = np.ascontiguousarray(getattr(bundle.scorer, tensor), dtype=np.float64)
    tensors.update(bundle.novelty.tensors())
    return tensors


def _manifest(bundle: Bundle, weights_hash: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "encoder_reference": bundle.encoder_reference,
        "encoder_id": bundle.encoder.id,
        "weights_hash": weights_hash,
        "data_hash": bundle.data_hash,
        "heads": {
            name: {"labels": head.labels, "share": head.share, "temperature": head.temperature}
            for name, head in bundle.heads.items()
        },
        "topic_category": dict(bundle.topic_category),
        "topic_share": bundle.topic_share,
        "topic_articles": dict(bundle.scorer.topic_articles.by_topic),
        "scorer": {"ticket_bias": bundle.scorer.ticket_bias, "calibration": bundle.scorer.calibration},
        "thresholds": {name: asdict(threshold) for name, threshold in bundle.thresholds.items()},
        "metrics": dict(bundle.metrics),
    }


def _assemble(manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], encoder: Encoder) -> Bundle:
    heads = {
        name: Head(
            labels=tuple(head["labels"]),
            share=head["share"],
            temperature=head["temperature"],
            **{tensor: tensors[f"{name}.{tensor}"] for tensor in HEAD_TENSORS},
        )
        for name, head in manifest["heads"].items()
    }
    scorer = ResolutionScorer(
        topic_articles=TopicArticles(manifest["topic_articles"]),
        ticket_bias=manifest["scorer"]["ticket_bias"],
        calibration=tuple(manifest["scorer"]["calibration"]),
        **{tensor: tensors[f"scorer.{tensor}"] for tensor in SCORER_TENSORS},
    )
    return Bundle(
        encoder_reference=manifest["encoder_reference"],
        encoder=encoder,
        heads=heads,
        novelty=Novelty.from_tensors(tensors),
        scorer=scorer,
        thresholds={name: Threshold(**fields) for name, fields in manifest["thresholds"].items()},
        topic_category=manifest["topic_category"],
        topic_share=manifest["topic_share"],
        data_hash=manifest["data_hash"],
        metrics=manifest["metrics"],
        version=manifest["version"],
    )

"""A registry of toy bundles, and a registrar who promotes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mlflow import MlflowClient

from data.articles import load_articles
from evaluation.gates import Gates, load_gates
from models.bundle import Bundle, save_bundle
from serving.settings import Settings
from tests.unit.models.tiny import tiny_encoder
from training.pipeline import PipelineConfig
from training.promotion import Candidacy, Promotion, promote
from training.registry import find_version, register
from training.tracking import open_client


@dataclass(frozen=True)
class Registered:
    """Four versions in a registry: numbers by name, and their bundles.

    ``good`` was trained, ``again`` is the same under another name, ``worse`` takes topics for others, ``other`` has
    another encoder.
    """

    uri: str
    folder: Path
    numbers: Mapping[str, str]
    bundles: Mapping[str, str]


def register_toys(trained: Bundle, folder: Path, tickets: Path) -> Registered:
    """Registers the four in a registry of their own under `folder`."""
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    client = open_client(uri)
    other = tiny_encoder(1)
    other.save(folder / "encoder")
    bundles = {
        "good": trained,
        "again": replace(trained, data_hash="another corpus"),
        "worse": replace(trained, heads={**trained.heads, "topic": confused(trained)}),
        "other": replace(trained, encoder=other, vocabulary=other, encoder_reference=str(folder / "encoder")),
    }
    experiment = client.create_experiment("toys", artifact_location=(folder / "artifacts").as_uri())
    numbers, versions = {}, {}
    for name, bundle in bundles.items():
        versions[name] = save_bundle(bundle, folder / name)
        tags = {"bundle": versions[name], "tickets": str(tickets)}
        numbers[name] = _register(client, experiment, folder / name, tags)
    return Registered(uri, folder, numbers, versions)


def _register(client: MlflowClient, experiment: str, files: Path, tags: Mapping[str, str]) -> str:
    """Registers a bundle as a run does, but without figures and plots."""
    run_id = client.create_run(experiment).info.run_id
    client.log_artifacts(run_id, str(files), "bundle")
    return register(client, f"{client.get_run(run_id).info.artifact_uri}/bundle", run_id, tags)


def confused(bundle: Bundle):  # type: ignore[no-untyped-def]
    """Returns a topic head that gives every topic the name of the next."""
    head = bundle.heads["topic"]
    return replace(head, labels=(*head.labels[1:], head.labels[0]))


def quick_gates() -> Gates:
    """The shipped gates with fewer resamples: these differences need no fine tails."""
    gates = load_gates()
    return gates.model_copy(update={"comparison": gates.comparison.model_copy(update={"resamples": 500})})


class Registrar:
    """Promotes as the command line does."""

    def __init__(self, settings: Settings, registered: Registered, config: PipelineConfig) -> None:
        self.settings = settings
        self.client = open_client(registered.uri)
        self.registered = registered
        self.articles = load_articles(config.articles)

    def promote(self, name: str, force: str | None = None) -> Promotion:
        number = self.registered.numbers.get(name, name)
        candidacy = Candidacy(number, "ana", quick_gates(), articles=self.articles, force=force)
        return promote(self.client, candidacy, self.settings)

    def aliases(self, name: str) -> tuple[str, ...]:
        return find_version(self.client, self.registered.numbers[name]).aliases

"""A whole run with heads of the other kind: every head a transformer, the rest as ever."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from models.bundle import Bundle, load_bundle
from models.champion import install, open_champion
from models.fine_tuned_head import FineTunedHead
from models.head_kinds import HeadKind
from models.heads import LightHead
from serving.settings import load_settings
from serving.settings.load import SHIPPED_FILE
from tests.unit.models.tiny_transformer import tiny_bert
from tests.unit.training.toy import ToyDesk, toy_tickets
from training.commands.train import pipeline_config
from training.errors import TrainingError
from training.fine_tuning import FineTuningConfig
from training.pipeline import PARTS, PipelineConfig, TrainedRun, train
from training.registry import download_bundle, find_version
from training.tracking import log_run, open_client

TEXTS = ["where is my order", "パスワードを忘れました", "mitarbeiter bitte"]
TOPICS = ["order_tracking", "password_reset", "human_agent"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> PipelineConfig:
    folder = tmp_path_factory.mktemp("fine-tuned")
    light = ToyDesk(folder).write()
    base = tiny_bert(folder / "base", [ticket.text for ticket in toy_tickets()])
    fine_tuning = FineTuningConfig(
        base=str(base), epochs=10, batch_size=16, learning_rate=3e-3, work=folder / "var" / "fine-tuning"
    )
    return replace(light, heads=replace(light.heads, kind=HeadKind.FINE_TUNED, fine_tuning=fine_tuning))


@pytest.fixture(scope="module")
def run(config: PipelineConfig) -> TrainedRun:
    return train(config)


def assert_same_readings(one: Bundle, other: Bundle) -> None:
    for first, second in zip(one.read(TEXTS, [None] * 3), other.read(TEXTS, [None] * 3), strict=True):
        assert first.topics == pytest.approx(second.topics, abs=1e-6)
        assert first.sentiment.probability == pytest.approx(second.sentiment.probability, abs=1e-6)
        assert first.urgent.probability == pytest.approx(second.urgent.probability, abs=1e-6)


def test_train_fine_tuned_heads_learn_the_toy_corpus_in_every_language(run: TrainedRun) -> None:
    assert all(isinstance(head, FineTunedHead) for head in run.bundle.heads.values())
    for language in ("en", "de", "ja"):
        assert run.bundle.metrics["models"]["by_language"][language]["category_macro_f1"] >= 0.8
    assert [reading.topic.value for reading in run.bundle.read(TEXTS, [None] * 3)] == TOPICS


def test_train_fine_tuned_heads_are_calibrated(run: TrainedRun) -> None:
    temperatures = {head.temperature for head in run.bundle.heads.values() if isinstance(head, FineTunedHead)}
    assert 1.0 not in temperatures


def test_train_fine_tuned_bundle_on_disk_reads_as_the_one_in_memory(run: TrainedRun) -> None:
    loaded = load_bundle(run.folder)
    assert loaded.version == run.bundle.version
    assert_same_readings(loaded, run.bundle)


@pytest.mark.filterwarnings("ignore")
def test_registered_fine_tuned_run_is_served_with_its_transformers(
    run: TrainedRun, config: PipelineConfig, tmp_path: Path
) -> None:
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    client = open_client(f"sqlite:///{tmp_path / 'mlflow.db'}")
    version = find_version(client, log_run(client, run, replace(config, var=tmp_path)))
    files = download_bundle(client, version, tmp_path / "downloads")
    install(files, tmp_path / "bundles", version.bundle)
    champion = open_champion(tmp_path / "bundles")
    head = champion.heads["topic"]
    assert isinstance(head, FineTunedHead)
    assert head.classifier.folder.is_relative_to(tmp_path / "bundles")
    assert_same_readings(champion, run.bundle)


def test_train_one_light_part_keeps_the_transformers_of_the_others(
    run: TrainedRun, config: PipelineConfig, tmp_path: Path
) -> None:
    install(run.folder, tmp_path / "bundles", run.bundle.version)
    light = replace(config.heads, kind=HeadKind.LIGHT)
    changed = replace(config, var=tmp_path, bundles=tmp_path / "bundles", parts=("urgent",), heads=light)
    heads = load_bundle(train(changed).folder).heads
    assert isinstance(heads["urgent"], LightHead)
    assert isinstance(heads["topic"], FineTunedHead)


def test_train_unknown_base_is_noticed_before_anything_is_read(
    config: PipelineConfig, tmp_path: Path
) -> None:
    fine_tuning = replace(config.heads.fine_tuning, base=str(tmp_path / "nothing"))
    changed = replace(
        config, tickets=tmp_path / "no-tickets", heads=replace(config.heads, fine_tuning=fine_tuning)
    )
    with pytest.raises(TrainingError, match=r"models\.fine_tuning\.base"):
        train(changed)


def test_pipeline_config_kind_and_options_are_those_of_the_settings(tmp_path: Path) -> None:
    environ = {"FIRSTLINE_HEADS": "fine_tuned", "FIRSTLINE_VAR": str(tmp_path)}
    settings = load_settings(SHIPPED_FILE, environ)
    config = pipeline_config(settings, PARTS, None, None, None, seed=7)
    assert config.heads.kind is HeadKind.FINE_TUNED
    assert config.heads.fine_tuning == FineTuningConfig(seed=7, work=tmp_path / "fine-tuning")
    assert (
        pipeline_config(load_settings(SHIPPED_FILE, {}), PARTS, None, None, None, 7).heads.kind
        is HeadKind.LIGHT
    )

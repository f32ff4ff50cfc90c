"""A whole run on the toy corpus: train, log, register, promote, serve."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.feedback import FeedbackTicket
from models.bundle import load_bundle, save_bundle
from models.champion import install
from models.errors import BundleError
from tests.unit.training.toy import ARTICLES
from training.commands.run_summary import print_run
from training.errors import TrainingError
from training.pipeline import PipelineConfig, TrainedRun, train
from training.tracking import draw_plots


def test_train_toy_corpus_learns_it(run: TrainedRun) -> None:
    overall = run.bundle.metrics["models"]["overall"]
    assert overall["category_macro_f1"] >= 0.9
    assert set(run.bundle.metrics["models"]["by_language"]) == {"en", "de", "ja"}
    assert run.bundle.metrics["answers"]["recall_at_1"] >= 0.9


def test_train_figures_are_of_every_head_language_and_way_to_answer(run: TrainedRun) -> None:
    metrics = run.bundle.metrics
    for head in ("category", "topic", "sentiment", "urgency"):
        found = metrics["models"]["calibration"][head]
        assert set(found["by_language"]) == {"en", "de", "ja"}
        assert 0 <= found["ece"] <= 1
    assert metrics["rows"]["tuning"] + metrics["rows"]["certifying"] == 90
    assert metrics["out_of_scope"]["out_of_scope"] == 0  # the toy desk has no such topic
    for way in ("resolution scorer", "likeliest topic"):
        aurc = metrics["selection"][way]["aurc"]
        assert aurc["low"] <= aurc["value"] <= aurc["high"]


def test_print_run_shows_every_language_head_and_threshold(
    run: TrainedRun, capsys: pytest.CaptureFixture[str]
) -> None:
    print_run(run, "7")
    printed = capsys.readouterr().out
    for name in ("ja", "urgency", "AURC", *run.bundle.thresholds, "version 7"):
        assert name in printed


def test_train_bundle_on_disk_reads_as_the_one_in_memory(run: TrainedRun) -> None:
    loaded = load_bundle(run.folder)
    texts = ["where is my order", "パスワードを忘れました", "mitarbeiter bitte"]
    kept, read = run.bundle.read(texts, [None] * 3), loaded.read(texts, [None] * 3)
    assert loaded.version == run.bundle.version
    assert [reading.topic.value for reading in read] == ["order_tracking", "password_reset", "human_agent"]
    for one, other in zip(kept, read, strict=True):
        assert one.topics == pytest.approx(other.topics, abs=1e-6)
        assert one.sentiment.probability == pytest.approx(other.sentiment.probability, abs=1e-6)


def test_train_topic_without_an_article_is_never_likely_to_be_resolved(run: TrainedRun) -> None:
    answers, tickets = run.answers, run.dataset.test.tickets
    human = np.array([ticket.topic == "human_agent" for ticket in tickets])
    assert not answers.right[human].any()
    assert answers.probabilities[human].mean() < answers.probabilities[~human].mean() - 0.3


def test_train_few_calibration_tickets_give_no_threshold_and_say_what_is_missing(run: TrainedRun) -> None:
    """Thirty tickets a category cannot prove 5 %."""
    assert {str(category) for category in run.bundle.thresholds} <= {"shipping", "account", "other"}
    never = [threshold for threshold in run.bundle.thresholds.values() if threshold.value is None]
    assert all(threshold.upper_bound > 0.05 for threshold in never)


def test_train_same_seed_and_data_gives_the_same_numbers(
    run: TrainedRun, config: PipelineConfig, tmp_path: Path
) -> None:
    again = train(replace(config, var=tmp_path))
    assert again.bundle.version == run.bundle.version
    np.testing.assert_array_equal(again.answers.probabilities, run.answers.probabilities)


def test_train_one_part_keeps_the_others_of_the_champion(
    run: TrainedRun, config: PipelineConfig, tmp_path: Path
) -> None:
    bundles = tmp_path / "bundles"
    bundles.mkdir()
    install(run.folder, bundles, run.bundle.version)
    again = train(replace(config, var=tmp_path, bundles=bundles, parts=("urgent",), seed=14)).bundle
    assert again.thresholds == run.bundle.thresholds
    assert again.scorer.ticket_bias == run.bundle.scorer.ticket_bias
    for name in ("topic", "sentiment"):
        for view, kept in run.bundle.heads[name].views.items():
            np.testing.assert_array_equal(again.heads[name].views[view].weights, kept.weights)


def test_train_resolution_on_heads_that_saw_the_certifying_tickets_is_refused(
    run: TrainedRun, config: PipelineConfig, tmp_path: Path
) -> None:
    """The version before tuned heads on every calibration ticket."""
    before = replace(run.bundle, metrics={"rows": {"train": 1, "calibration": 1, "test": 1}})
    bundles = tmp_path / "bundles"
    bundles.mkdir()
    install(tmp_path / "run", bundles, save_bundle(before, tmp_path / "run"))
    with pytest.raises(TrainingError, match="firstline train all"):
        train(replace(config, var=tmp_path, bundles=bundles, parts=("resolution",)))


def test_train_one_part_without_a_champion_says_what_to_do(config: PipelineConfig, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="firstline train all"):
        train(replace(config, bundles=tmp_path, parts=("sentiment",)))


def test_train_split_without_tickets_is_refused(config: PipelineConfig, tmp_path: Path) -> None:
    source = (config.tickets / "all.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "t.jsonl").write_text(
        "\n".join(row for row in source if '"test"' not in row), encoding="utf-8"
    )
    with pytest.raises(TrainingError, match="no ticket of the split test"):
        train(replace(config, tickets=tmp_path))


def test_draw_plots_run_gives_every_picture(run: TrainedRun) -> None:
    assert set(draw_plots(run)) == {
        "confusion-category",
        "reliability-category",
        "reliability-resolution",
        "risk-coverage",
    }


def test_train_manifest_names_data_encoder_and_articles(run: TrainedRun) -> None:
    manifest = json.loads((run.folder / "bundle.json").read_text(encoding="utf-8"))
    assert manifest["data_hash"] == run.dataset.hash
    assert manifest["encoder_id"].startswith("tiny@")
    assert manifest["topic_articles"] == ARTICLES


def test_train_with_feedback_reads_as_people_corrected(config: PipelineConfig, run: TrainedRun) -> None:
    strange = "der zauberwürfel singt nicht"
    rows = [FeedbackTicket(f"T{n}", "de", "", f"{strange} {n}", "human_agent") for n in range(12)]
    taught = train(config, rows)
    before, after = (bundle.read([strange], ["de"])[0] for bundle in (run.bundle, taught.bundle))
    assert after.topics["human_agent"] > max(0.6, before.topics["human_agent"])
    assert taught.bundle.metrics["rows"]["feedback"] == len(rows)
    assert taught.bundle.data_hash != run.bundle.data_hash
    assert len(taught.dataset.test.tickets) == len(run.dataset.test.tickets)

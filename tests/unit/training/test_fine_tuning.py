"""The real trainer on a tiny transformer: it learns, stops early, weighs classes, and survives being killed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.fine_tuned_head import FineTunedHead
from models.head_kinds import Precision
from tests.unit.models.tiny_transformer import tiny_bert, tiny_sentence_transformer
from training import fine_tuning
from training.errors import TrainingError
from training.fine_tuning import Example, FineTuningConfig, balance, fine_tune, hold_out, launch_command
from training.fine_tuning_job import JOB_FILE, MODEL_FOLDER, last_checkpoint, make_loss, read_job, run_job

WISHES = {
    "parcel": {
        "en": ("where is my parcel", "the parcel is late", "track my parcel"),
        "de": ("wo ist mein paket", "das paket fehlt", "paket verfolgen"),
        "ja": ("荷物はどこですか", "荷物が届きません", "荷物の追跡"),
        "zh": ("我的包裹在哪里", "包裹还没到", "查询包裹"),
    },
    "password": {
        "en": ("i forgot my password", "reset the password", "password lost"),
        "de": ("passwort vergessen", "neues passwort bitte", "passwort falsch"),
        "ja": ("パスワードを忘れました", "パスワードの再設定", "新しいパスワード"),
        "zh": ("我忘记了密码", "重置密码", "密码错误"),
    },
}
OPENINGS = ("", "!", "hello", "hallo", "すみません", "你好", "??", "danke", "please")
TESTED = {
    "en": "hello my parcel is late",
    "de": "danke wo mein paket ist",
    "ja": "すみません荷物",
    "zh": "请问密码",
}
ANSWERS = {"en": "parcel", "de": "parcel", "ja": "parcel", "zh": "password"}


def examples(openings: tuple[str, ...] = OPENINGS) -> list[Example]:
    return [
        Example(f"{opening} {text}", label, f"{label}-{language}-{opening}-{text}")
        for label, languages in WISHES.items()
        for language, texts in languages.items()
        for text in texts
        for opening in openings
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [example.text for example in examples()]
    return tiny_bert(tmp_path_factory.mktemp("base") / "tiny", texts)


@pytest.fixture
def config(base: Path, tmp_path: Path) -> FineTuningConfig:
    return FineTuningConfig(
        base=str(base), epochs=8, batch_size=16, learning_rate=3e-3, max_length=32, work=tmp_path / "work"
    )


def only_folder(config: FineTuningConfig) -> Path:
    (folder,) = config.work.iterdir()
    return folder


def prepared(config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a job that nobody has begun."""
    with monkeypatch.context() as patch:
        patch.setattr(fine_tuning, "_run", lambda folder, processes: None)
        patch.setattr(fine_tuning, "clean_up", lambda folder: None)
        fine_tune("topic", examples(), config, balanced=True)
    return only_folder(config)


def weights_of(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(folder / MODEL_FOLDER / "model.safetensors")


def assert_learnt(head: FineTunedHead) -> None:
    predicted = head.classifier.logits(list(TESTED.values())).argmax(axis=1)
    assert {lang: head.labels[i] for lang, i in zip(TESTED, predicted, strict=True)} == ANSWERS


def test_fine_tune_separable_texts_are_learnt_in_every_language(config: FineTuningConfig) -> None:
    head = fine_tune("topic", examples(), config, balanced=False)
    assert head.labels == ("parcel", "password")
    assert_learnt(head)
    assert head.classifier.folder == only_folder(config) / MODEL_FOLDER


def test_fine_tune_finished_leaves_neither_checkpoints_nor_customers_words(config: FineTuningConfig) -> None:
    fine_tune("topic", examples(OPENINGS[:2]), replace(config, epochs=1), balanced=False)
    files = {path.name for path in only_folder(config).rglob("*") if path.is_file()}
    assert files == {
        "job.json",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_fine_tune_again_does_nothing_twice_unless_told_to(config: FineTuningConfig) -> None:
    config = replace(config, epochs=1)
    path = (
        fine_tune("topic", examples(OPENINGS[:2]), config, balanced=False).classifier.folder / "config.json"
    )
    written = path.stat().st_mtime_ns
    fine_tune("topic", examples(OPENINGS[:2]), config, balanced=False)
    assert path.stat().st_mtime_ns == written
    fine_tune("topic", examples(OPENINGS[:2]), replace(config, resume=False), balanced=False)
    assert path.stat().st_mtime_ns > written


def test_fine_tune_other_rows_or_settings_are_another_job(
    config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fine_tuning, "_run", lambda folder, processes: None)
    for changed in (config, replace(config, seed=14), replace(config, learning_rate=1e-4)):
        fine_tune("topic", examples(), changed, balanced=False)
    fine_tune("topic", examples()[1:], config, balanced=False)
    fine_tune("topic", examples(), replace(config, processes=4), balanced=False)
    assert len(list(config.work.iterdir())) == 4


def test_fine_tune_old_jobs_make_way(config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tuning, "_run", lambda folder, processes: None)
    for seed in range(fine_tuning.KEPT + 4):
        fine_tune("topic", examples(OPENINGS[:1]), replace(config, seed=seed), balanced=False)
    assert len(list(config.work.iterdir())) == fine_tuning.KEPT + 1


def test_run_job_killed_in_the_middle_goes_on_and_ends_as_if_nothing_had_happened(
    config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = replace(config, epochs=12, patience=12)
    folder = prepared(config, monkeypatch)
    shutil.copytree(folder, tmp_path / "undisturbed")
    command = [sys.executable, "-m", "training.fine_tuning_job", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while last_checkpoint(folder / "checkpoints") is None and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it was killed"
    assert not (folder / MODEL_FOLDER).exists()

    head = fine_tune("topic", examples(), config, balanced=True)

    assert run_job(tmp_path / "undisturbed") == 0
    for name, tensor in weights_of(tmp_path / "undisturbed").items():
        np.testing.assert_allclose(weights_of(folder)[name], tensor, atol=1e-4, err_msg=name)
    assert_learnt(head)


def test_run_job_goes_on_from_the_last_whole_checkpoint(
    config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(replace(config, epochs=3, patience=3), monkeypatch)
    run_job(folder)
    whole = last_checkpoint(folder / "checkpoints")
    assert whole is not None
    for number, state in (("99998", None), ("99999", '{"epoch": 3.0, "glob')):
        torn = folder / "checkpoints" / f"checkpoint-{number}"
        torn.mkdir()
        (torn / "model.safetensors").write_bytes(b"half")
        if state:
            (torn / "trainer_state.json").write_text(state, encoding="utf-8")
    shutil.rmtree(folder / MODEL_FOLDER)
    assert run_job(folder) == int(whole.name.removeprefix("checkpoint-"))
    assert (folder / MODEL_FOLDER / "model.safetensors").exists()


def test_run_job_loss_that_does_not_fall_stops_early(
    config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(replace(config, epochs=40, patience=2, learning_rate=0.5), monkeypatch)
    run_job(folder)
    checkpoint = last_checkpoint(folder / "checkpoints")
    assert checkpoint is not None
    state = json.loads((checkpoint / "trainer_state.json").read_text("utf-8"))
    assert state["epoch"] < 20
    losses = [entry["eval_loss"] for entry in state["log_history"] if "eval_loss" in entry]
    assert state["best_metric"] == pytest.approx(min(losses))


@pytest.mark.slow
def test_run_job_two_processes_through_accelerate_learn_and_write_once(config: FineTuningConfig) -> None:
    head = fine_tune("topic", examples(), replace(config, processes=2, batch_size=8), balanced=False)
    assert_learnt(head)


def test_fine_tune_process_that_fails_is_an_error(
    config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        fine_tuning, "launch_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"]
    )
    with pytest.raises(TrainingError, match="stopped with status 3"):
        fine_tune("topic", examples(OPENINGS[:1]), replace(config, processes=2), balanced=False)


def test_run_job_bf16_with_accumulated_gradients_trains_on_a_cpu(config: FineTuningConfig) -> None:
    config = replace(config, precision=Precision.BF16, gradient_accumulation=2, batch_size=4, epochs=2)
    head = fine_tune("topic", examples(OPENINGS[:3]), config, balanced=False)
    assert np.isfinite(head.classifier.logits(list(TESTED.values()))).all()


def test_fine_tune_base_in_half_precision_of_sentence_transformers_gives_whole_weights(
    config: FineTuningConfig, tmp_path: Path
) -> None:
    """Such as the student that ``firstline train encoder`` makes."""
    import torch
    from sentence_transformers import SentenceTransformer

    folder = tiny_sentence_transformer(tmp_path / "made", [example.text for example in examples()])
    SentenceTransformer(str(folder), device="cpu").to(torch.float16).save_pretrained(str(tmp_path / "half"))
    config = replace(config, base=str(tmp_path / "half"), epochs=1)
    fine_tune("topic", examples(OPENINGS[:2]), config, balanced=False)
    assert {tensor.dtype for tensor in weights_of(only_folder(config)).values()} == {np.dtype(np.float32)}


def test_fine_tune_fp16_without_a_gpu_is_refused(config: FineTuningConfig) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(TrainingError, match="fp16 needs a GPU"):
        fine_tune("topic", examples(), replace(config, precision=Precision.FP16), balanced=False)


def test_fine_tune_unknown_base_says_what_to_do_in_one_line(config: FineTuningConfig, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"models\.fine_tuning\.base") as caught:
        fine_tune("topic", examples(), replace(config, base=str(tmp_path / "nothing")), balanced=False)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("asked", "balanced"), [(True, True), (True, False), (False, True)])
def test_fine_tune_class_weights_are_used_where_head_and_configuration_ask(
    config: FineTuningConfig, monkeypatch: pytest.MonkeyPatch, asked: bool, balanced: bool
) -> None:
    monkeypatch.setattr(fine_tuning, "_run", lambda folder, processes: None)
    rows = [*examples(), *(Example(f"ruhig {n}", "calm", f"calm-{n}") for n in range(10))]
    fine_tune("tone", rows, replace(config, class_weights=asked), balanced=balanced)
    weights = read_job(only_folder(config)).weights
    if asked and balanced:
        assert weights is not None
        assert weights[0] > 5 * weights[1]
    else:
        assert weights is None


def test_balance_every_class_weighs_the_same_and_the_mean_is_one() -> None:
    labels = ["a"] * 6 + ["b"] * 3 + ["c"]
    weights = dict(zip("abcd", balance(labels, "abcd"), strict=True))
    assert np.mean([weights[label] for label in labels]) == pytest.approx(1)
    assert weights["a"] * 6 == pytest.approx(weights["b"] * 3) == pytest.approx(weights["c"])
    assert weights["d"] == 0


def test_make_loss_accumulated_batches_sum_to_the_loss_of_one_large_batch() -> None:
    import torch
    from torch.nn import functional

    class Outputs:
        def __init__(self, logits: torch.Tensor) -> None:
            self.logits = logits

    torch.manual_seed(0)
    logits, labels, weights = torch.randn(7, 3), torch.tensor([0, 1, 2, 2, 1, 0, 2]), (0.5, 2.0, 1.0)
    loss = make_loss(weights)
    whole = loss(Outputs(logits), labels, num_items_in_batch=7)
    parts = [
        loss(Outputs(logits[rows]), labels[rows], num_items_in_batch=7) for rows in (slice(3), slice(3, 7))
    ]
    assert float(sum(parts)) == pytest.approx(float(whole))
    each = functional.cross_entropy(logits, labels, reduction="none") * torch.tensor(weights)[labels]
    assert float(whole) == pytest.approx(float(each.mean()))
    assert float(make_loss(None)(Outputs(logits), labels)) == pytest.approx(
        float(functional.cross_entropy(logits, labels))
    )


def test_hold_out_patterns_stay_together_and_only_one_of_each_is_held_out() -> None:
    rows = [Example(f"{n}-{copy}", "ab"[n % 2], f"p{n}") for n in range(40) for copy in range(3)]
    phrases = [Example(f"phrase {n}", "a") for n in range(40)]
    train, held_out = hold_out([*rows, *phrases], seed=13)
    assert sorted(example.label for example in held_out) == ["a", "a", "b", "b"]
    assert not {example.pattern for example in held_out} & {example.pattern for example in train}
    assert len(train) == 160 - 4 * 3
    assert all(example.text.endswith("-0") for example in held_out)


def test_hold_out_small_class_gives_one_and_a_tiny_one_none() -> None:
    rows = [
        Example(f"{label}{n}", label, f"{label}{n}")
        for label, count in (("a", 4), ("b", 3))
        for n in range(count)
    ]
    train, held_out = hold_out(rows, seed=13)
    assert [example.label for example in held_out] == ["a"]
    assert [example.label for example in train] == ["a"] * 3 + ["b"] * 3


def test_fine_tune_too_few_texts_are_refused(config: FineTuningConfig) -> None:
    rows = [Example("hallo", "a", "1"), Example("你好", "b", "2")]
    with pytest.raises(TrainingError, match="topic: no class has the four tickets"):
        fine_tune("topic", rows, config, balanced=False)


def test_launch_command_takes_a_gpu_each_or_the_cpu(tmp_path: Path) -> None:
    command = launch_command(tmp_path, processes=3, gpus=4)
    assert command[command.index("--gpu_ids") + 1] == "0,1,2"
    assert "--cpu" in launch_command(tmp_path, processes=2, gpus=0)
    with pytest.raises(TrainingError, match="is 3, but there are 2 GPUs"):
        launch_command(tmp_path, processes=3, gpus=2)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": ["a"]}'])
def test_read_job_folder_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / JOB_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(TrainingError, match="not the folder of a fine-tuning job"):
        read_job(tmp_path)

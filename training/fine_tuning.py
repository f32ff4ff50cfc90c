"""Fine-tunes a transformer on labelled texts: prepares the work, has it done, keeps what is finished.

The work of one head is a folder, named by everything that decides its outcome: so a run that was killed goes on from
its last checkpoint when it is started again, and what is finished is not done twice. `training.fine_tuning_job`
does it: in this process, or, for several GPUs, in processes that ``accelerate launch`` starts.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from models.fine_tuned_head import FineTunedHead, SequenceClassifier
from models.head_kinds import Precision
from models.saved_heads import hash_folder
from training.errors import TrainingError
from training.fine_tuning_job import HELD_OUT_FILE, JOB_FILE, MODEL_FOLDER, TRAIN_FILE, Job, clean_up, run_job

log = logging.getLogger(__name__)
HELD_OUT_SHARE = 0.1
"""Of the texts of each class, by pattern; early stopping looks at them, so that the calibration split stays unseen."""
KEPT = 8
"""Folders of finished or unfinished heads that stay; older ones make way."""


@dataclass(frozen=True)
class FineTuningConfig:
    """How heads are fine-tuned.

    Attributes:
        base: folder or hub id of the pretrained transformer.
        batch_size: texts a step and process; gradients of `gradient_accumulation` steps are added up.
        max_length: tokens of a text that are read; the rest is cut.
        patience: epochs without a lower held-out loss before training stops.
        class_weights: whether, for the heads that ask for it, rare classes weigh as much as frequent ones.
        processes: one a GPU; more than one are started through accelerate.
        resume: whether to go on from an earlier run's checkpoints; False starts anew.
        work: where checkpoints and finished heads are kept.
    """

    base: str = "intfloat/multilingual-e5-small"
    epochs: int = 5
    batch_size: int = 32
    gradient_accumulation: int = 1
    learning_rate: float = 5e-5
    max_length: int = 256
    precision: Precision = Precision.FP32
    patience: int = 2
    class_weights: bool = True
    processes: int = 1
    resume: bool = True
    seed: int = 13
    work: Path = Path("var/fine-tuning")


@dataclass(frozen=True)
class Example:
    """A text and its label.

    Attributes:
        pattern: what it was made from; examples of one pattern are held out together, those of None never.
    """

    text: str
    label: str
    pattern: str | None = None


def fine_tune(
    name: str, examples: Sequence[Example], config: FineTuningConfig, *, balanced: bool
) -> FineTunedHead:
    """Returns a head fitted on `examples`, not yet calibrated; its labels are theirs, sorted.

    Raises:
        TrainingError: there are too few examples, the base model cannot be loaded, or a process failed.
    """
    train, held_out = hold_out(examples, config.seed)
    if not held_out:
        raise TrainingError(
            f"{name}: no class has the four tickets that early stopping needs to hold one out"
        )
    labels = tuple(sorted({example.label for example in examples}))
    weights = (
        balance([example.label for example in train], labels) if balanced and config.class_weights else None
    )
    job = Job(
        labels=labels,
        weights=weights,
        base=config.base,
        epochs=config.epochs,
        batch_size=config.batch_size,
        gradient_accumulation=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        max_length=config.max_length,
        precision=config.precision,
        patience=config.patience,
        seed=config.seed,
    )
    folder = _prepare(name, job, {TRAIN_FILE: train, HELD_OUT_FILE: held_out}, config)
    if not (folder / MODEL_FOLDER).exists():
        log.info("fine-tuning %s on %d texts in %s", name, len(train), folder)
        _run(folder, config.processes)
    clean_up(folder)  # also after a run that was killed between the two
    return FineTunedHead(labels, SequenceClassifier(folder / MODEL_FOLDER))


def hold_out(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """Returns the examples to train on and those held out: whole patterns, a share of each class's.

    Of a pattern that is held out only the first example is: the others are noisy copies of it.
    """
    patterns: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in examples:
        if example.pattern is not None:
            patterns[example.label].setdefault(example.pattern, example)
    random = np.random.default_rng(seed)
    chosen: dict[str, Example] = {}
    for _, found in sorted(patterns.items()):
        count = max(round(len(found) * HELD_OUT_SHARE), int(len(found) >= 4))
        names = sorted(found)
        chosen |= {names[i]: found[names[i]] for i in random.permutation(len(names))[:count]}
    return [example for example in examples if example.pattern not in chosen], list(chosen.values())


def balance(labels: Sequence[str], classes: Sequence[str]) -> tuple[float, ...]:
    """Returns a weight a class, so that every class weighs the same and the mean over `labels` is one."""
    counts = np.array([labels.count(name) for name in classes], dtype=np.float64)
    present = counts > 0
    weights = np.divide(len(labels), present.sum() * counts, out=np.zeros_like(counts), where=present)
    return tuple(float(weight) for weight in weights)


def _prepare(name: str, job: Job, rows: dict[str, list[Example]], config: FineTuningConfig) -> Path:
    """Returns the job's folder, written if it is not there yet."""
    files = {file: _json_lines(examples) for file, examples in rows.items()}
    files[JOB_FILE] = json.dumps(asdict(job), indent=1) + "\n"
    base = hash_folder(Path(config.base)) if Path(config.base).is_dir() else config.base
    content = json.dumps([base, *(files[file] for file in sorted(files))])
    folder = config.work / f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    if not config.resume:
        shutil.rmtree(folder, ignore_errors=True)
    _forget_older(config.work, folder)
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for file, text in files.items():
            (partial / file).write_text(text, encoding="utf-8")
        partial.rename(folder)
    return folder


def _json_lines(examples: Sequence[Example]) -> str:
    rows = ({"text": example.text, "label": example.label} for example in examples)
    return "".join(json.dumps(row) + "\n" for row in rows)


def _forget_older(work: Path, current: Path) -> None:
    others = [path for path in work.glob("*") if path.is_dir() and path != current]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(path)


def _run(folder: Path, processes: int) -> None:
    import torch

    if processes == 1 and torch.cuda.device_count() <= 1:  # of several, the trainer in here would take all
        run_job(folder)
    else:
        finished = subprocess.run(launch_command(folder, processes, torch.cuda.device_count()))  # noqa: S603
        if finished.returncode:
            raise TrainingError(
                f"fine-tuning stopped with status {finished.returncode}; its messages are above. "
                "Started again, it goes on from the last checkpoint."
            )


def launch_command(folder: Path, processes: int, gpus: int) -> list[str]:
    """Returns the command that does the job of `folder` in several processes, one a GPU; without GPUs, on the CPU.

    Raises:
        TrainingError: there are GPUs, but fewer than processes.
    """
    if 0 < gpus < processes:
        raise TrainingError(f"fine_tuning.processes is {processes}, but there are {gpus} GPUs")
    where = ["--gpu_ids", ",".join(map(str, range(processes)))] if gpus else ["--cpu"]
    return [
        *(sys.executable, "-m", "accelerate.commands.launch", "--num_processes", str(processes), *where),
        *(
            "--num_machines",
            "1",
            "--mixed_precision",
            "no",
            "--dynamo_backend",
            "no",
            "--main_process_port",
            "0",
        ),
        *("-m", "training.fine_tuning_job", str(folder)),
    ]

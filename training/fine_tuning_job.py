"""Does the work of one head in a prepared folder: ``python -m training.fine_tuning_job FOLDER``.

On several GPUs: ``accelerate launch --num_processes 4 -m training.fine_tuning_job FOLDER``. Only the first process
writes. A job that was killed goes on from its last whole checkpoint.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import FirstlineError
from models.encoder import readable
from models.head_kinds import Precision
from training.errors import TrainingError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Trainer, TrainingArguments

log = logging.getLogger(__name__)
JOB_FILE, TRAIN_FILE, HELD_OUT_FILE = "job.json", "train.jsonl", "held-out.jsonl"
CHECKPOINTS, MODEL_FOLDER = "checkpoints", "model"
TRAINER_STATE = "trainer_state.json"
"""The last file that the trainer writes into a checkpoint; one that is torn is no JSON."""


@dataclass(frozen=True)
class Job:
    """What a job is told; see `training.fine_tuning.FineTuningConfig`.

    Attributes:
        labels: the classes, in the order of the logits.
        weights: of each class in the loss; None weighs every example the same.
    """

    labels: tuple[str, ...]
    weights: tuple[float, ...] | None
    base: str
    epochs: int
    batch_size: int
    gradient_accumulation: int
    learning_rate: float
    max_length: int
    precision: Precision
    patience: int
    seed: int


def run_job(folder: Path) -> int:
    """Trains and writes ``model/`` in `folder`; returns the step it went on from, 0 for the start.

    Raises:
        TrainingError: the base model cannot be loaded, or the machine cannot do what is asked.
    """
    job = read_job(folder)
    tokenizer, model = _load_base(job)
    trainer = _make_trainer(job, folder, tokenizer, model)
    checkpoint = last_checkpoint(folder / CHECKPOINTS)
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    if trainer.is_world_process_zero():
        _write_model(folder, trainer, tokenizer)
    trainer.accelerator.wait_for_everyone()
    return 0 if checkpoint is None else _step(checkpoint)


def read_job(folder: Path) -> Job:
    """Returns the job of `folder`.

    Raises:
        TrainingError: it holds none.
    """
    try:
        values = json.loads((folder / JOB_FILE).read_text(encoding="utf-8"))
        weights = values["weights"] and tuple(values["weights"])
        changed = {
            "labels": tuple(values["labels"]),
            "weights": weights,
            "precision": Precision(values["precision"]),
        }
        return Job(**{**values, **changed})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrainingError(f"{folder} is not the folder of a fine-tuning job: {error}") from error


def last_checkpoint(folder: Path) -> Path | None:
    """Returns the newest checkpoint that was written to its end, None if there is none."""
    found = [path.parent for path in folder.glob(f"checkpoint-*/{TRAINER_STATE}") if _is_json(path)]
    return max(found, key=_step, default=None)


def clean_up(folder: Path) -> None:
    """Removes what a finished job does not need any more: checkpoints, and the customers' words."""
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    for file in (TRAIN_FILE, HELD_OUT_FILE):
        (folder / file).unlink(missing_ok=True)


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def check_base(base: str) -> None:
    """Raises a `TrainingError` if there is no model `base`; so a run can say so before it has worked for minutes."""
    from transformers import AutoConfig

    with _naming(base):
        AutoConfig.from_pretrained(base)


def _load_base(job: Job) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, set_seed

    set_seed(job.seed)  # the new output layer is drawn here
    with _naming(job.base):
        tokenizer = AutoTokenizer.from_pretrained(job.base)
        model = AutoModelForSequenceClassification.from_pretrained(
            job.base,
            dtype=torch.float32,  # whatever it was saved in: mixed precision keeps whole weights
            num_labels=len(job.labels),
            id2label=dict(enumerate(job.labels)),
            label2id={label: number for number, label in enumerate(job.labels)},
        )
    positions = getattr(model.config, "max_position_embeddings", job.max_length)
    tokenizer.model_max_length = min(job.max_length, tokenizer.model_max_length, positions)
    return tokenizer, model


@contextmanager
def _naming(base: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the library raises many types, some of them its dependencies' own
        reason = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"the base model {base!r} cannot be loaded: {reason} Check models.fine_tuning.base: it is a folder, or "
            "a hub id, which needs the network when it is used for the first time."
        ) from error


def _make_trainer(job: Job, folder: Path, tokenizer: Any, model: Any) -> Trainer:
    from transformers import DataCollatorWithPadding, EarlyStoppingCallback, Trainer

    return Trainer(
        model=model,
        args=_arguments(job, folder / CHECKPOINTS),
        train_dataset=_read_rows(folder / TRAIN_FILE, job, tokenizer),
        eval_dataset=_read_rows(folder / HELD_OUT_FILE, job, tokenizer),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_loss_func=make_loss(job.weights),
        callbacks=[EarlyStoppingCallback(early_stopping_patience=job.patience)],
    )


def _arguments(job: Job, output: Path) -> TrainingArguments:
    import torch
    from transformers import TrainingArguments

    if job.precision is Precision.FP16 and not torch.cuda.is_available():
        raise TrainingError("fine_tuning.precision fp16 needs a GPU; on a CPU use fp32 or bf16")
    return TrainingArguments(
        output_dir=str(output),
        num_train_epochs=job.epochs,
        per_device_train_batch_size=job.batch_size,
        per_device_eval_batch_size=job.batch_size,
        gradient_accumulation_steps=job.gradient_accumulation,
        learning_rate=job.learning_rate,
        warmup_steps=0.1,
        weight_decay=0.01,
        bf16=job.precision is Precision.BF16,
        fp16=job.precision is Precision.FP16,
        eval_strategy="epoch",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        restore_callback_states_from_checkpoint=True,  # early stopping goes on counting
        train_sampling_strategy="group_by_length",
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=job.seed,
        report_to="none",
    )


def _read_rows(path: Path, job: Job, tokenizer: Any) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    encoded = tokenizer([readable(row["text"]) for row in rows], truncation=True)
    numbers = {label: number for number, label in enumerate(job.labels)}
    return [
        {**{key: values[i] for key, values in encoded.items()}, "labels": numbers[row["label"]]}
        for i, row in enumerate(rows)
    ]


def make_loss(weights: tuple[float, ...] | None) -> Callable[..., Tensor]:
    """Returns cross-entropy with class weights, summed and divided by the examples of a whole step.

    The trainer passes how many those are, over all accumulated batches and processes.
    """
    import torch
    from torch.nn import functional

    def loss(outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None) -> Tensor:
        logits = outputs.logits.float()
        by_class = None if weights is None else torch.tensor(weights, device=logits.device)
        total = functional.cross_entropy(logits, labels, weight=by_class, reduction="sum")
        return total / (len(labels) if num_items_in_batch is None else num_items_in_batch)

    return loss


def _write_model(folder: Path, trainer: Trainer, tokenizer: Any) -> None:
    """Writes weights (safetensors) and tokenizer in one step; the trainer's own way would add a pickle."""
    partial = folder / f"{MODEL_FOLDER}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(folder / MODEL_FOLDER)


def main() -> None:
    """Does the job of the folder that the command line names."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        run_job(Path(sys.argv[1]))
    except FirstlineError as error:
        log.error("%s", error)  # noqa: TRY400  # one line says it
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Distils an English teacher into a small multilingual transformer, with sentence-transformers' trainer and losses.

Reimers and Gurevych 2020: a text and its translations shall lie where the teacher puts the English one, and a
translation nearer than those of other texts. Unlike the static student this one reads words in their order; it wants
a GPU, or hours of a CPU. A run that was killed goes on from its last checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.encoder import DEFAULT_ENCODER, open_encoder
from models.head_kinds import Precision
from models.static_encoder import StaticEncoder
from models.transformer_encoder import TransformerEncoder
from training import teacher
from training.errors import TrainingError
from training.export import fast_tokenizer
from training.fine_tuning_job import last_checkpoint
from training.parallel_text import Pair

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer

log = logging.getLogger(__name__)
SCALE = 20.0
"""Cosines are multiplied by it before the softmax over a batch: a temperature of 0.05."""
WORD_SPREAD = 0.05
"""Standard deviation that the static encoder's numbers are brought to: above the 0.02 of positions and layers."""


class StudentKind(StrEnum):
    """What ``firstline train encoder`` makes."""

    STATIC = "static"
    TRANSFORMER = "transformer"


@dataclass(frozen=True)
class TransformerConfig:
    """How a transformer student is built and trained.

    Attributes:
        base: folder or hub id of the model to go on from; empty builds a new one of the sizes below.
        words: static encoder that gives a new one its vocabulary and the start of its word vectors.
        hidden: width of a new one's layers and vectors; that of `words`.
        max_length: tokens of a text that are read.
        rate: peak learning rate, after a tenth of the steps.
        per_language: translation pairs of each language that are used, those like support first.
        checkpoint_steps: steps between two checkpoints.
    """

    base: str = ""
    words: str = DEFAULT_ENCODER
    layers: int = 3
    hidden: int = 256
    attention_heads: int = 4
    max_length: int = 128
    epochs: int = 3
    batch_size: int = 128
    rate: float = 5e-4
    precision: Precision = Precision.FP32
    per_language: int = 100_000
    checkpoint_steps: int = 500
    seed: int = 13


@dataclass(frozen=True)
class StudentText:
    """What a student learns from.

    Attributes:
        taught: English texts, and `goals` the teacher's vectors of them, ``(n, dim) float32``.
        pairs: translations, of those texts or of others.
    """

    taught: Sequence[str]
    goals: NDArray[np.float32]
    pairs: Sequence[Pair]


def train_student(
    text: StudentText, config: TransformerConfig, work: Path, output: Path
) -> TransformerEncoder:
    """Trains, writes to `output` as a sentence-transformers folder, and returns the encoder of `config`.

    Raises:
        TrainingError: the base model or the words cannot be used.
    """
    from transformers import set_seed

    set_seed(config.seed)
    folder = work / f"transformer-{_digest(text, config)}"
    model, goals = _open_student(text, config, folder)
    trainer = _make_trainer(model, _make_datasets(text, goals, config), config, folder / "checkpoints")
    checkpoint = last_checkpoint(folder / "checkpoints")
    log.info("training in %s, %s", folder, f"on from {checkpoint.name}" if checkpoint else "from the start")
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    if trainer.is_world_process_zero():
        # No model card: the library's would quote the training text, which may be a company's own.
        model.save_pretrained(str(output), create_model_card=False)
    return TransformerEncoder.load(str(output))


def choose_pairs(pairs: Sequence[Pair], per_language: int, seed: int) -> list[Pair]:
    """Returns at most `per_language` different pairs of each language, those like support first, others at random."""
    chosen: list[Pair] = []
    unique = list(dict.fromkeys(pairs))
    for language in sorted({pair.language for pair in unique}):
        own = [pair for pair in unique if pair.language == language]
        shuffled = np.random.default_rng(seed).permutation(len(own))
        chosen += sorted((own[i] for i in shuffled), key=lambda pair: not pair.support)[:per_language]
    return chosen


def turn_towards(vectors: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns `vectors` ``(n, dim)`` rotated as near to `others` as a rotation can (Schönemann 1966)."""
    left, _, right = np.linalg.svd(vectors.T @ others)
    return np.asarray(vectors @ (left @ right), dtype=np.float32)


def _digest(text: StudentText, config: TransformerConfig) -> str:
    digest = hashlib.sha256(json.dumps(asdict(config), sort_keys=True).encode())
    digest.update(np.ascontiguousarray(text.goals).tobytes())
    for sentence in (*text.taught, *(side for pair in text.pairs for side in (pair.english, pair.other))):
        digest.update(sentence.encode("utf-8", "replace") + b"\x00")
    return digest.hexdigest()[:12]


def _open_student(
    text: StudentText, config: TransformerConfig, folder: Path
) -> tuple[SentenceTransformer, NDArray[np.float32]]:
    """Returns the untrained student and the vectors it shall give for the taught texts, in its own width."""
    if config.base:
        model = _open_base(config)
        width = int(model.get_embedding_dimension() or 0)
        goals = teacher.reduce(text.goals, width)
        if goals.shape[1] < width:
            _append_projection(model, width, goals.shape[1])
        return model, goals
    words = open_encoder(config.words)
    if not isinstance(words, StaticEncoder) or words.dim != config.hidden:
        raise TrainingError(
            f"transformer.words {config.words!r} has to be a static encoder of transformer.hidden = "
            f"{config.hidden} dimensions; {words.id} has {words.dim}"
        )
    if text.goals.shape[1] < config.hidden:
        raise TrainingError(f"transformer.hidden is more than the teacher's {text.goals.shape[1]} dimensions")
    model = _build_student(words, config, folder / "base")
    return model, turn_towards(teacher.reduce(text.goals, config.hidden), words.encode(text.taught))


def _open_base(config: TransformerConfig) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(config.base)
    except Exception as error:  # the library raises many types, some of them its dependencies' own
        reason = str(error).strip().partition("\n")[0]
        raise TrainingError(f"transformer.base {config.base!r} cannot be loaded: {reason}") from error
    model.max_seq_length = min(config.max_length, model.max_seq_length or config.max_length)
    return model


def _append_projection(model: SentenceTransformer, width: int, dim: int) -> None:
    from sentence_transformers.sentence_transformer.modules import Dense
    from torch import nn

    model.append(Dense(width, dim, bias=False, activation_function=nn.Identity()))


def _build_student(words: StaticEncoder, config: TransformerConfig, folder: Path) -> SentenceTransformer:
    """Returns a new model whose mean-pooled input is what the static encoder gives."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    tokenizer = _student_tokenizer(words, config.max_length)
    bert = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=config.hidden,
            num_hidden_layers=config.layers,
            num_attention_heads=config.attention_heads,
            intermediate_size=4 * config.hidden,
            max_position_embeddings=config.max_length,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    vectors = torch.from_numpy(words.vectors[: words.tokenizer.get_piece_size()])
    with torch.no_grad():
        bert.embeddings.word_embeddings.weight[: len(vectors)] = vectors * (WORD_SPREAD / vectors.std())
    bert.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=config.max_length)
    return SentenceTransformer(modules=[transformer, Pooling(config.hidden, "mean"), Normalize()])


def _student_tokenizer(words: StaticEncoder, max_length: int) -> Any:
    """Returns the static encoder's tokenizer with the marks that a transformer wants around a text."""
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    tokenizer = fast_tokenizer(words)
    marks = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer.add_special_tokens(list(marks.values()))
    ends = [(mark, tokenizer.token_to_id(mark)) for mark in (marks["cls_token"], marks["sep_token"])]
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=ends
    )
    unknown = words.tokenizer.id_to_piece(words.tokenizer.unk_id())
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=unknown, model_max_length=max_length, **marks
    )


def _make_datasets(
    text: StudentText, goals: NDArray[np.float32], config: TransformerConfig
) -> dict[str, Dataset]:
    """Returns texts with the teacher's vectors, translations with those of their English side, and pairs alone."""
    from datasets import Dataset

    row_of = {sentence: row for row, sentence in enumerate(text.taught)}
    pairs = choose_pairs(text.pairs, config.per_language, config.seed)
    known = [pair for pair in pairs if pair.english in row_of]
    sides = {"english": [pair.english for pair in pairs], "other": [pair.other for pair in pairs]}
    found = {
        "taught": _with_labels({"english": list(text.taught)}, goals),
        "translated": _with_labels(
            {"other": [pair.other for pair in known]}, goals[[row_of[pair.english] for pair in known]]
        ),
        "pairs": Dataset.from_dict(sides),
    }
    return {name: rows for name, rows in found.items() if len(rows)}


def _with_labels(columns: dict[str, list[str]], labels: NDArray[np.float32]) -> Dataset:
    """Returns a dataset whose column ``label`` holds a vector a row."""
    from datasets import Dataset

    return Dataset.from_dict({**columns, "label": np.ascontiguousarray(labels)})


def _make_trainer(
    model: SentenceTransformer, rows: dict[str, Dataset], config: TransformerConfig, output: Path
) -> SentenceTransformerTrainer:
    from sentence_transformers import SentenceTransformerTrainer
    from sentence_transformers.sentence_transformer.losses import (
        EmbedDistillLoss,
        MultipleNegativesRankingLoss,
    )

    distance = EmbedDistillLoss(model, distance_metric="cosine")
    contrast = MultipleNegativesRankingLoss(
        model, scale=SCALE, directions=("query_to_doc", "doc_to_query"), partition_mode="per_direction"
    )
    losses = {"taught": distance, "translated": distance, "pairs": contrast}
    return SentenceTransformerTrainer(
        model=model,
        args=_arguments(config, output),
        train_dataset=rows,
        loss={name: losses[name] for name in rows},
    )


def _arguments(config: TransformerConfig, output: Path) -> Any:
    import torch
    from sentence_transformers import SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.training_args import (
        BatchSamplers,
        MultiDatasetBatchSamplers,
    )

    return SentenceTransformerTrainingArguments(
        output_dir=str(output),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.rate,
        warmup_steps=0.1,
        bf16=config.precision is Precision.BF16,
        fp16=config.precision is Precision.FP16,
        # An English text stands in several pairs, and each of its translations is right for it.
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        multi_dataset_batch_sampler=MultiDatasetBatchSamplers.PROPORTIONAL,
        save_strategy="steps",
        save_steps=config.checkpoint_steps,
        save_total_limit=2,
        logging_steps=50,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=config.seed,
        report_to="none",
    )

"""Distils an English teacher into one vector a token of a multilingual vocabulary.

Reimers and Gurevych 2020 (multilingual knowledge distillation) with a static student. The loss of a batch of
translation pairs is the sum of: distance to the teacher for both sides, symmetric in-batch contrastive loss,
and the divergence between the teacher's and the student's in-batch similarities.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn

IGNORED = -1


@dataclass(frozen=True)
class DistillationConfig:
    """How the student is trained.

    Attributes:
        rate: peak learning rate; it falls to zero along a cosine.
        temperature: of the contrastive loss and of the similarity distributions.
        distance_weight: of one minus the cosine to the teacher.
        token_dropout: share of the tokens left out of a text while training.
    """

    dim: int = 256
    epochs: int = 4
    batch_size: int = 1024
    rate: float = 0.01
    temperature: float = 0.05
    distance_weight: float = 4.0
    token_dropout: float = 0.1
    seed: int = 13


@dataclass(frozen=True)
class TokenizedPairs:
    """Training rows: token ids of both sides, and which teacher vector belongs to them.

    Attributes:
        left: token ids of the English side of each row.
        right: token ids of the other side; equal to `left` for single English texts.
        target: row of the teacher's matrix, or `IGNORED` where the teacher did not read the text.
        weights: how often a row is drawn, relative to the others.
    """

    left: Sequence[NDArray[np.int32]]
    right: Sequence[NDArray[np.int32]]
    target: NDArray[np.int64]
    weights: NDArray[np.float64]


def distil(
    rows: TokenizedPairs,
    teacher: NDArray[np.float32],
    vocabulary: int,
    config: DistillationConfig,
    checkpoint: Path,
) -> NDArray[np.float32]:
    """Returns the student's token vectors, ``(vocabulary, dim) float32``.

    After every epoch the state is written to `checkpoint`; a run that finds one goes on after it.
    """
    torch.manual_seed(config.seed)
    table = nn.EmbeddingBag(vocabulary, config.dim, mode="mean", sparse=True)
    nn.init.normal_(table.weight, std=0.1)
    optimizer = torch.optim.SparseAdam(list(table.parameters()), lr=config.rate)
    targets = torch.from_numpy(teacher)
    steps_an_epoch = math.ceil(len(rows.left) / config.batch_size)
    first = _resume(checkpoint, table, optimizer)
    for epoch in range(first, config.epochs):
        batches = _batches(rows, config, epoch)
        progress = track(batches, total=steps_an_epoch, description=f"epoch {epoch + 1}/{config.epochs}")
        for step, (left, right, target) in enumerate(progress):
            done = (epoch * steps_an_epoch + step) / (config.epochs * steps_an_epoch)
            optimizer.param_groups[0]["lr"] = config.rate * 0.5 * (1 + math.cos(math.pi * done))
            optimizer.zero_grad()
            loss = _loss(_pool(table, left), _pool(table, right), target, targets, config)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()  # type: ignore[no-untyped-call]
        _write_checkpoint(checkpoint, table, optimizer, epoch + 1)
    vectors: NDArray[np.float32] = table.weight.detach().numpy()
    return vectors


def _loss(left: Tensor, right: Tensor, target: Tensor, teacher: Tensor, config: DistillationConfig) -> Tensor:
    similarity = left @ right.T / config.temperature
    own = torch.arange(len(left))
    contrastive = (F.cross_entropy(similarity, own) + F.cross_entropy(similarity.T, own)) / 2
    known = target != IGNORED
    if not bool(known.any()):
        return contrastive
    goal = teacher[target[known]]
    distance = (1 - (left[known] * goal).sum(1)).mean() + (1 - (right[known] * goal).sum(1)).mean()
    wanted = F.softmax(goal @ goal.T / config.temperature, dim=1)
    given = F.log_softmax(left[known] @ right[known].T / config.temperature, dim=1)
    divergence = F.kl_div(given, wanted, reduction="batchmean")
    return config.distance_weight * distance + contrastive + divergence


def _pool(table: nn.EmbeddingBag, texts: list[NDArray[np.int32]]) -> Tensor:
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    offsets = torch.from_numpy(np.concatenate(([0], np.cumsum(lengths)[:-1])))
    flat = torch.from_numpy(np.concatenate(texts).astype(np.int64))
    return F.normalize(table(flat, offsets), dim=1)


def _batches(
    rows: TokenizedPairs, config: DistillationConfig, epoch: int
) -> Iterator[tuple[list[NDArray[np.int32]], list[NDArray[np.int32]], Tensor]]:
    random = np.random.default_rng([config.seed, epoch])
    shares = rows.weights / rows.weights.sum()
    order = random.choice(len(rows.left), size=len(rows.left), p=shares)
    for chosen in _chunks(order, config.batch_size):
        left = [_drop(rows.left[i], config.token_dropout, random) for i in chosen]
        right = [_drop(rows.right[i], config.token_dropout, random) for i in chosen]
        yield left, right, torch.from_numpy(rows.target[chosen])


def _chunks(order: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _drop(tokens: NDArray[np.int32], share: float, random: np.random.Generator) -> NDArray[np.int32]:
    if len(tokens) < 3:
        return tokens
    kept = tokens[random.random(len(tokens)) >= share]
    return kept if len(kept) else tokens


def _resume(checkpoint: Path, table: nn.EmbeddingBag, optimizer: torch.optim.Optimizer) -> int:
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    if state["table"]["weight"].shape != table.weight.shape:
        return 0
    table.load_state_dict(state["table"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["epoch"])


def _write_checkpoint(
    checkpoint: Path, table: nn.EmbeddingBag, optimizer: torch.optim.Optimizer, epoch: int
) -> None:
    partial = checkpoint.with_suffix(".partial")
    state = {"table": table.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
    torch.save(state, partial)
    partial.replace(checkpoint)

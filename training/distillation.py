"""Distils an English teacher into one vector a token (and token pair) of a multilingual vocabulary.

Reimers and Gurevych 2020 (multilingual knowledge distillation) with a static student. The loss of a batch of
translation pairs is the sum of: distance to the teacher for both sides, symmetric in-batch contrastive loss in which
each side also meets its opposites, and the divergence between the teacher's and the student's in-batch similarities.
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

from training.ragged import Ragged, join

IGNORED = -1


@dataclass(frozen=True)
class DistillationConfig:
    """How the student is trained.

    Attributes:
        rate: peak learning rate; it falls to zero along a cosine.
        temperature: of the contrastive loss and of the similarity distributions.
        distance_weight: of one minus the cosine to the teacher.
        token_dropout: share of the tokens and pairs left out of a text while training.
        bigram_rate: how fast the vector of a pair moves compared with that of a token; pairs start at zero, so
            that a rare one adds little to what its tokens say.
    """

    dim: int = 256
    epochs: int = 4
    batch_size: int = 1024
    rate: float = 0.01
    temperature: float = 0.05
    distance_weight: float = 4.0
    token_dropout: float = 0.1
    bigram_rate: float = 0.3
    seed: int = 13


@dataclass(frozen=True)
class TrainingRows:
    """What the student learns from.

    Attributes:
        left: tokens and pairs of the English side of each row.
        right: those of the other side; equal to `left` for single English texts.
        left_opposite: of a text like the left side that means something else; empty where there is none.
        right_opposite: the same for the right side.
        target: row of the teacher's matrix, or `IGNORED` where the teacher did not read the text.
        weights: how often a row is drawn, relative to the others.
    """

    left: Ragged
    right: Ragged
    left_opposite: Ragged
    right_opposite: Ragged
    target: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class StudentSize:
    """How many vectors the student has; those of the tokens come first."""

    tokens: int
    bigrams: int = 0


@dataclass(frozen=True)
class Batch:
    """Rows of one step, as `TrainingRows` has them; opposites only of the rows that have one."""

    left: Ragged
    right: Ragged
    left_opposite: Ragged
    right_opposite: Ragged
    target: Tensor


def distil(
    rows: TrainingRows,
    teacher: NDArray[np.float32],
    size: StudentSize,
    config: DistillationConfig,
    checkpoint: Path,
) -> NDArray[np.float32]:
    """Returns the student's vectors of tokens and pairs, ``(tokens + bigrams, dim) float32``.

    After every epoch the state is written to `checkpoint`; a run that finds one goes on after it.
    """
    torch.manual_seed(config.seed)
    student = Student(size, config)
    targets = torch.from_numpy(teacher)
    steps = math.ceil(len(rows.left) / config.batch_size)
    for epoch in range(student.resume(checkpoint), config.epochs):
        batches = _batches(rows, config, epoch)
        for step, batch in enumerate(track(batches, total=steps, description=f"epoch {epoch + 1}")):
            student.learn(batch, targets, (epoch * steps + step) / (config.epochs * steps))
        student.write(checkpoint, epoch + 1)
    return student.vectors()


class Student:
    """The vectors and their optimizer."""

    def __init__(self, size: StudentSize, config: DistillationConfig) -> None:
        self.config = config
        self.table = nn.EmbeddingBag(size.tokens + size.bigrams, config.dim, mode="sum", sparse=True)
        nn.init.normal_(self.table.weight[: size.tokens], std=0.1)
        nn.init.zeros_(self.table.weight[size.tokens :])
        self.share = torch.cat([torch.ones(size.tokens), torch.full((size.bigrams,), config.bigram_rate)])
        self.optimizer = torch.optim.SparseAdam(list(self.table.parameters()), lr=config.rate)

    def learn(self, batch: Batch, teacher: Tensor, done: float) -> None:
        """Takes one step; `done` is the share of the run behind it."""
        self.optimizer.param_groups[0]["lr"] = self.config.rate * 0.5 * (1 + math.cos(math.pi * done))
        self.optimizer.zero_grad()
        self.loss(batch, teacher).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()  # type: ignore[no-untyped-call]

    def loss(self, batch: Batch, teacher: Tensor) -> Tensor:
        """Returns the loss of one batch."""
        sides = (batch.left, batch.right, batch.left_opposite, batch.right_opposite)
        left, right, left_opposite, right_opposite = self.pool(sides)
        loss = self._contrast(left, right, left_opposite, right_opposite)
        known = batch.target != IGNORED
        if bool(known.any()):
            loss = loss + self._follow(left[known], right[known], teacher[batch.target[known]])
        return loss

    def pool(self, sides: Sequence[Ragged]) -> Sequence[Tensor]:
        """Returns ``(n, dim)`` unit rows of each side; one look-up for all, so that one gradient is summed."""
        joined = join(sides)
        columns = torch.from_numpy(joined.flat.astype(np.int64))
        summed = self.table(columns, torch.from_numpy(joined.starts), self.share[columns])
        pooled = F.normalize(summed, dim=1)
        return torch.split(pooled, [len(side) for side in sides])

    def vectors(self) -> NDArray[np.float32]:
        """Returns the vectors as they are pooled, ``(tokens + bigrams, dim) float32``."""
        vectors: NDArray[np.float32] = (self.table.weight.detach() * self.share[:, None]).numpy()
        return vectors

    def _contrast(self, left: Tensor, right: Tensor, left_opposite: Tensor, right_opposite: Tensor) -> Tensor:
        own = torch.arange(len(left))
        to_right = left @ torch.cat([right, right_opposite]).T / self.config.temperature
        to_left = right @ torch.cat([left, left_opposite]).T / self.config.temperature
        return (F.cross_entropy(to_right, own) + F.cross_entropy(to_left, own)) / 2

    def _follow(self, left: Tensor, right: Tensor, goal: Tensor) -> Tensor:
        distance = (1 - (left * goal).sum(1)).mean() + (1 - (right * goal).sum(1)).mean()
        wanted = F.softmax(goal @ goal.T / self.config.temperature, dim=1)
        given = F.log_softmax(left @ right.T / self.config.temperature, dim=1)
        return self.config.distance_weight * distance + F.kl_div(given, wanted, reduction="batchmean")

    def resume(self, checkpoint: Path) -> int:
        """Reads a state of the same shape, if there is one; returns the epochs behind it."""
        if not checkpoint.exists():
            return 0
        state = torch.load(checkpoint, weights_only=True)
        if state["table"]["weight"].shape != self.table.weight.shape:
            return 0
        self.table.load_state_dict(state["table"])
        self.optimizer.load_state_dict(state["optimizer"])
        return int(state["epoch"])

    def write(self, checkpoint: Path, epoch: int) -> None:
        """Writes the state after `epoch` epochs, whole or not at all."""
        partial = checkpoint.with_suffix(".partial")
        state = {"table": self.table.state_dict(), "optimizer": self.optimizer.state_dict(), "epoch": epoch}
        torch.save(state, partial)
        partial.replace(checkpoint)


def _batches(rows: TrainingRows, config: DistillationConfig, epoch: int) -> Iterator[Batch]:
    random = np.random.default_rng([config.seed, epoch])
    order = random.choice(len(rows.left), size=len(rows.left), p=rows.weights / rows.weights.sum())
    sides = (rows.left, rows.right, rows.left_opposite, rows.right_opposite)
    starts = [side.starts for side in sides]
    for begin in range(0, len(order), config.batch_size):
        chosen = order[begin : begin + config.batch_size]
        left, right, left_opposite, right_opposite = (
            side.take(chosen, own).thin(config.token_dropout, random)
            for side, own in zip(sides, starts, strict=True)
        )
        yield Batch(
            left,
            right,
            _present(left_opposite),
            _present(right_opposite),
            target=torch.from_numpy(rows.target[chosen]),
        )


def _present(texts: Ragged) -> Ragged:
    """Returns the texts that are not empty."""
    return texts.take(np.flatnonzero(texts.lengths))

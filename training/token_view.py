"""Fits the token view of several heads at once: the encoder's token vectors, fine-tuned on labels.

A fastText-like classifier (Joulin et al. 2016) whose vectors start from the multilingual encoder, so that what is
learnt in one language serves the others. Pooling is linear, so the fitted vectors and the output layer fold into
one weight a token and class, and runs with different seeds are averaged for free.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from torch import Tensor, nn

from models.heads import LinearView
from models.static_encoder import StaticEncoder
from models.token_counts import LENGTH_POWER

GAIN = 3.0
IGNORED = -100
NO_TOKEN = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True)
class TokenViewConfig:
    """How token views are fitted.

    Attributes:
        rate: learning rate of the token vectors; `output_rate` that of the output layer.
        dropout: of the pooled vector; `token_dropout` the share of tokens left out of a text.
        seeds: one run each; the weights are averaged.
    """

    epochs: int = 7
    batch_size: int = 256
    rate: float = 0.004
    output_rate: float = 0.02
    dropout: float = 0.4
    token_dropout: float = 0.15
    smoothing: float = 0.05
    seeds: tuple[int, ...] = (13, 14)


def fit_token_views(
    tokens: Sequence[NDArray[np.int64]],
    targets: Mapping[str, Sequence[str | None]],
    vocabulary: StaticEncoder,
    config: TokenViewConfig,
) -> dict[str, LinearView]:
    """Returns one view a head; its classes are the sorted labels.

    Args:
        tokens: token ids of each text.
        targets: for each head, the label of each text, or None where it has none.
        vocabulary: the encoder the vectors start from.
        config: the settings.
    """
    rows = [ids if len(ids) else NO_TOKEN for ids in tokens]
    used = [row for row in range(len(rows)) if any(labels[row] is not None for labels in targets.values())]
    rows = [rows[row] for row in used]
    targets = {head: [labels[row] for row in used] for head, labels in targets.items()}
    classes = {
        head: sorted({label for label in labels if label is not None}) for head, labels in targets.items()
    }
    wanted = {
        head: torch.tensor([IGNORED if label is None else classes[head].index(label) for label in labels])
        for head, labels in targets.items()
    }
    runs = []
    with Progress(console=Console(stderr=True)) as progress:
        steps = config.epochs * max(1, len(rows) // config.batch_size) * len(config.seeds)
        task = progress.add_task("token views", total=steps)
        for seed in config.seeds:
            model = _TokenModel(
                vocabulary, {head: len(names) for head, names in classes.items()}, seed, config
            )
            for _ in model.fit(rows, wanted):
                progress.advance(task)
            runs.append(model.fold())
    return {
        head: LinearView(
            np.mean([run[head][0] for run in runs], axis=0, dtype=np.float32),
            np.mean([run[head][1] for run in runs], axis=0, dtype=np.float32),
        )
        for head in targets
    }


class _TokenModel:
    """Token vectors and one output layer a head."""

    def __init__(
        self, vocabulary: StaticEncoder, sizes: Mapping[str, int], seed: int, config: TokenViewConfig
    ) -> None:
        torch.manual_seed(seed)
        self.config = config
        self.random = np.random.default_rng(seed)
        vectors = torch.from_numpy(vocabulary.vectors)
        # Pairs are shorter than tokens: counted in, they would make every token louder than the rate was chosen for.
        vectors = vectors * (GAIN / vectors[: vocabulary.bigrams.vocabulary].norm(dim=1).mean())
        self.table = nn.EmbeddingBag.from_pretrained(vectors, freeze=False, mode="sum", sparse=True)
        self.outputs = {head: nn.Linear(vocabulary.dim, size) for head, size in sizes.items()}
        for layer in self.outputs.values():
            nn.init.zeros_(layer.weight)
        self.vector_optimizer = torch.optim.SparseAdam(list(self.table.parameters()), lr=config.rate)
        parameters = [parameter for layer in self.outputs.values() for parameter in layer.parameters()]
        self.output_optimizer = torch.optim.AdamW(parameters, lr=config.output_rate, weight_decay=0.01)

    def fit(self, rows: Sequence[NDArray[np.int64]], wanted: Mapping[str, Tensor]):  # type: ignore[no-untyped-def]
        """Trains, yielding after each batch."""
        batches = max(1, len(rows) // self.config.batch_size)
        for epoch in range(self.config.epochs):
            self._set_rates(epoch / self.config.epochs)
            for chosen in np.array_split(self.random.permutation(len(rows)), batches):
                self._step([rows[i] for i in chosen], {head: wanted[head][chosen] for head in wanted})
                yield epoch

    def fold(self) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Returns, for each head, a weight a token and class, and a bias a class."""
        with torch.no_grad():
            return {
                head: ((self.table.weight @ layer.weight.T).numpy(), layer.bias.numpy().copy())
                for head, layer in self.outputs.items()
            }

    def _set_rates(self, done: float) -> None:
        share = 0.5 * (1 + math.cos(math.pi * done))
        self.vector_optimizer.param_groups[0]["lr"] = self.config.rate * share
        self.output_optimizer.param_groups[0]["lr"] = self.config.output_rate * share

    def _step(self, texts: Sequence[NDArray[np.int64]], wanted: Mapping[str, Tensor]) -> None:
        self.vector_optimizer.zero_grad()
        self.output_optimizer.zero_grad()
        pooled = F.dropout(self._pool([self._thin(text) for text in texts]), self.config.dropout)
        losses = [self._loss(self.outputs[head](pooled), wanted[head]) for head in wanted]
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        self.vector_optimizer.step()  # type: ignore[no-untyped-call]
        self.output_optimizer.step()

    def _loss(self, logits: Tensor, wanted: Tensor) -> Tensor:
        """Returns the mean over the labelled rows; zero without one."""
        total = F.cross_entropy(
            logits, wanted, ignore_index=IGNORED, label_smoothing=self.config.smoothing, reduction="sum"
        )
        return total / max(1, int((wanted != IGNORED).sum()))

    def _pool(self, texts: Sequence[NDArray[np.int64]]) -> Tensor:
        lengths = np.array([len(text) for text in texts])
        offsets = torch.from_numpy(np.concatenate(([0], np.cumsum(lengths)[:-1])))
        scale = torch.from_numpy(lengths.astype(np.float32) ** -LENGTH_POWER)[:, None]
        summed: Tensor = self.table(torch.from_numpy(np.concatenate(texts)), offsets)
        return summed * scale

    def _thin(self, text: NDArray[np.int64]) -> NDArray[np.int64]:
        kept = text[self.random.random(len(text)) >= self.config.token_dropout]
        return kept if len(kept) else text

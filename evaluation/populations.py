"""Known populations of judged tickets, from which labelled sets can be drawn and every promise be checked exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.threshold_choice import JudgedTickets

SIZE = 50_000
LARGE = {"billing": 0.4, "technical": 0.35, "account": 0.25}
SMALL = {"billing": 0.55, "account": 0.2, "returns": 0.1, "complaint": 0.06, "other": 0.05, "shipping": 0.04}


@dataclass(frozen=True)
class Population:
    """All tickets that could ever come in, with the chance that the answer to each is wrong.

    Attributes:
        about: what is special about it, in words.
        categories: ``(n,)``.
        probabilities: what the scorer says, ``(n,)``.
        wrong: chance that the answer is wrong, ``(n,)``.
        tuning_luck: the tuning tickets' chance to be wrong is this part of the true one, as with tickets that a
            model was fitted on.
    """

    name: str
    about: str
    categories: NDArray[np.str_]
    probabilities: NDArray[np.float64]
    wrong: NDArray[np.float64]
    tuning_luck: float = 1.0

    def draw(self, size: int, random: np.random.Generator, luck: float = 1.0) -> JudgedTickets:
        """Returns `size` tickets, each wrong with its chance times `luck`."""
        rows = random.integers(0, len(self.wrong), size)
        right = random.random(size) >= self.wrong[rows] * luck
        return JudgedTickets(self.categories[rows], self.probabilities[rows], right)


def known_populations(bound: float, seed: int = 13) -> list[Population]:
    """Returns the populations that a threshold rule must keep its promise in; `bound` is the promised share."""
    random = np.random.default_rng(seed)
    high = random.beta(10, 0.35, SIZE)
    mixed = random.beta(2, 0.5, SIZE)
    large, small = _names(LARGE, random), _names(SMALL, random)
    trouble = sum((small == name) * (0.6 + 0.5 * number) for number, name in enumerate(SMALL))
    tied = np.round(mixed * 10) / 10
    return [
        Population("calibrated", "the scorer means what it says", large, mixed, 1 - mixed),
        Population("overconfident", "twice as much is wrong as stated", large, high, _part(2 * (1 - high))),
        Population("tied", "only ten different scores", large, tied, _part(1.2 * (1 - tied))),
        Population("small", "categories of 4 to 55 %, unlike in quality", small, high, _part(trouble * (1 - high))),
        Population("at the bound", "a hair more is wrong than allowed, whatever the score: to answer is to break it",
                   large, mixed, np.full(SIZE, bound * 1.0001)),
        Population("misleading", "tuning tickets show a third of the errors", large, high, _part(1.8 * (1 - high)),
                   tuning_luck=1 / 3),
    ]  # fmt: skip


def _names(shares: dict[str, float], random: np.random.Generator) -> NDArray[np.str_]:
    return random.choice(np.array(list(shares)), SIZE, p=list(shares.values()))


def _part(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(values, 0.0, 1.0)

"""The rows of a run: tickets of each split, augmented where allowed, with their views."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from data.augment import add_tone, augment
from data.calibration_parts import is_tuning
from data.feedback import FeedbackTicket
from data.schema import LabelledTicket, Split
from data.tickets import TICKETS_DIR, load_tickets
from data.tone import TonePhrase, load_tone
from models.features import FeatureReader
from training.errors import TrainingError
from training.heads import Labelled, Row_co, Rows

TONE_COPIES = 4
"""How often each tone phrase is shown in an epoch; they are few and short."""
TONE_SHARE = 0.5
"""Share of the neutral training tickets that are shown once more with a phrase of another tone."""


@dataclass(frozen=True)
class Dataset:
    """Rows of a run by split.

    Attributes:
        train: authored and augmented training tickets.
        extra: what is labelled in part: phrases that teach sentiment and urgency, and corrected tickets.
        tuning: calibration tickets that weights of views, temperatures and the scorer's slope are fitted on, and
            that say where a search for a threshold begins.
        certifying: calibration tickets that nothing is fitted or chosen on: they prove the thresholds.
        hash: of every authored row that is trained or calibrated on.
    """

    train: Rows[LabelledTicket]
    extra: Rows[TonePhrase | FeedbackTicket]
    tuning: Rows[LabelledTicket]
    certifying: Rows[LabelledTicket]
    test: Rows[LabelledTicket]
    hash: str


def load_dataset(
    reader: FeatureReader,
    tickets: Path = TICKETS_DIR,
    variants: int = 1,
    seed: int = 13,
    feedback: Sequence[FeedbackTicket] = (),
) -> Dataset:
    """Returns the tickets under `tickets` with their features.

    Args:
        reader: reads the views of a text.
        tickets: a folder or file of labelled tickets; a folder ``tone`` beside it is read too.
        variants: noisy copies of each training ticket.
        seed: of the augmentation.
        feedback: tickets that people corrected; they are trained on and never measured on.

    Raises:
        TrainingError: a split is empty.
    """
    everything = load_tickets(tickets)
    splits = {split: [ticket for ticket in everything if ticket.split is split] for split in Split}
    empty = [split for split, found in splits.items() if not found]
    if empty:
        raise TrainingError(f"{tickets} has no ticket of the split {', '.join(empty)}")
    tuning, certifying = divide_calibration(splits[Split.CALIBRATION])
    tone = load_tone(tickets.parent / "tone")
    train = [*splits[Split.TRAIN], *augment(splits[Split.TRAIN], variants, seed)]
    toned = [*tone * TONE_COPIES, *add_tone(splits[Split.TRAIN], tone, TONE_SHARE, seed)]
    return Dataset(
        make_rows(train, reader),
        make_rows([*toned, *feedback], reader),
        make_rows(tuning, reader),
        make_rows(certifying, reader),
        make_rows(splits[Split.TEST], reader),
        hash_rows([*splits[Split.TRAIN], *splits[Split.CALIBRATION], *tone, *feedback]),
    )


def divide_calibration(
    tickets: Sequence[LabelledTicket],
) -> tuple[list[LabelledTicket], list[LabelledTicket]]:
    """Returns the tuning and the certifying tickets.

    Raises:
        TrainingError: there are so few that a part is empty.
    """
    tuning = [ticket for ticket in tickets if is_tuning(ticket.pattern)]
    certifying = [ticket for ticket in tickets if not is_tuning(ticket.pattern)]
    if not tuning or not certifying:
        raise TrainingError(
            f"{len(tickets)} calibration tickets are too few to tune with some and to certify with the others: "
            "label at least 20"
        )
    return tuning, certifying


def make_rows(tickets: Sequence[Row_co], reader: FeatureReader) -> Rows[Row_co]:
    """Returns tickets with the views of their texts."""
    return Rows(tickets, reader.read([ticket.text for ticket in tickets]))


def hash_rows(rows: Sequence[Labelled]) -> str:
    """Returns a hash of the rows' content, whatever their order."""
    lines = sorted(json.dumps(asdict(row), sort_keys=True, ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def folds(rows: Rows[LabelledTicket], count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns (train, held out) row numbers; tickets of one pattern stay together, and only authored are held out."""
    patterns = sorted({ticket.pattern for ticket in rows.tickets})
    assigned = np.random.default_rng(seed).integers(0, count, len(patterns))
    fold_of = dict(zip(patterns, assigned.tolist(), strict=True))
    fold = np.array([fold_of[ticket.pattern] for ticket in rows.tickets])
    authored = np.array([ticket.source == "authored" for ticket in rows.tickets])
    return [
        (np.flatnonzero(fold != number), np.flatnonzero((fold == number) & authored))
        for number in range(count)
    ]

"""A bundle tried out: what it does with labelled tickets, how long it takes and how large it is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.schema import Article, LabelledTicket
from evaluation.comparison import Labels, finite, measure
from evaluation.outcomes import Outcomes, read_outcomes
from evaluation.replay import as_incoming
from kb_index.refresh import articles_in_use, encoder_in_use, refresh_index
from kb_index.search import open_current
from models.bundle import Bundle, load_bundle
from models.encoder import ENCODERS_DIR
from models.thresholds import Threshold
from serving.offline import OfflineDesk, assemble_desk
from serving.orchestrator.desk import Desk
from serving.settings import Settings

TIMED = 50
ROUNDS = 5


@dataclass(frozen=True)
class Contestant:
    """A bundle that is open, with an index that its encoder made."""

    bundle: Bundle
    folder: Path
    opened: OfflineDesk


@dataclass(frozen=True)
class Trial:
    """What is known of a bundle after it was tried.

    Attributes:
        latency_ms: processor time of one ticket by itself.
        encoder_bytes: None where the encoder is not a folder of this machine.
    """

    bundle: str
    encoder: str
    index: str
    outcomes: Outcomes
    thresholds: dict[str, Threshold]
    latency_ms: float
    bundle_bytes: int
    encoder_bytes: int | None


@dataclass(frozen=True)
class Ground:
    """Where bundles are tried.

    Attributes:
        tickets: labelled ones that no bundle has learnt from.
        articles: the knowledge base; None stands for the one in use.
        staging: folder of indexes by encoders whose index is not the one in use.
    """

    settings: Settings
    tickets: Sequence[LabelledTicket]
    staging: Path
    articles: Sequence[Article] | None = None


def open_contestant(folder: Path, ground: Ground) -> Contestant:
    """Returns the bundle in `folder`, open.

    Raises:
        FirstlineError: the bundle, its encoder or the knowledge base is missing or damaged.
    """
    bundle = load_bundle(folder)
    root = _index_root(bundle, ground)
    index = open_current(root, bundle.encoder.id, bundle.encoder.dim)
    return Contestant(bundle, folder, assemble_desk(ground.settings, bundle, index))


def try_out(contestants: Sequence[Contestant], tickets: Sequence[LabelledTicket]) -> list[Trial]:
    """Returns what each contestant does with the same tickets; they are timed in turns."""
    latencies = measure_latencies([one.opened.desk for one in contestants], tickets)
    return [
        Trial(
            bundle=one.bundle.version,
            encoder=one.bundle.encoder.id,
            index=one.opened.index_version,
            outcomes=read_outcomes(one.opened.desk, tickets),
            thresholds=dict(one.bundle.thresholds),
            latency_ms=latency,
            bundle_bytes=_size(one.folder),
            encoder_bytes=_encoder_size(one.bundle.encoder_reference),
        )
        for one, latency in zip(contestants, latencies, strict=True)
    ]


def measure_latencies(desks: Sequence[Desk], tickets: Sequence[LabelledTicket]) -> list[float]:
    """Returns milliseconds of processor time a ticket, handled one by one; the best of several rounds.

    Processor time, and the desks in turns: neither a busy machine nor a cold cache speaks for one of them.
    """
    chosen = [as_incoming(ticket) for ticket in tickets[:: max(1, len(tickets) // TIMED)]]
    best = [float("inf")] * len(desks)
    for _ in range(ROUNDS):
        for number, desk in enumerate(desks):
            started = time.process_time()
            for incoming in chosen:
                desk.handle([desk.accept(incoming)])
            best[number] = min(best[number], (time.process_time() - started) * 1000 / max(1, len(chosen)))
    return best


def _index_root(bundle: Bundle, ground: Ground) -> Path:
    """Returns the root of an index over the articles, made by the bundle's encoder; builds it where there is none."""
    served = ground.settings.index.root
    if ground.articles is None and encoder_in_use(served) == bundle.encoder.id:
        return served
    articles = articles_in_use(served) if ground.articles is None else ground.articles
    own = ground.staging / hashlib.sha256(bundle.encoder.id.encode()).hexdigest()[:12]
    refresh_index(articles, bundle.encoder, own, ground.settings.index.options)
    return own


def _encoder_size(reference: str) -> int | None:
    for folder in (ENCODERS_DIR / reference, Path(reference)):
        if folder.is_dir():
            return _size(folder)
    return None


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def describe(trial: Trial, labels: Labels) -> dict[str, Any]:
    """Returns what is recorded of a trial: figures by slice, time, sizes, thresholds."""
    by_slice = {
        kind: {name: {key: finite(value) for key, value in row.items()} for name, row in rows.items()}
        for kind, rows in measure(labels, trial.outcomes).items()
    }
    return {
        "bundle": trial.bundle,
        "encoder": trial.encoder,
        "index": trial.index,
        **by_slice,
        "latency_ms": trial.latency_ms,
        "bundle_bytes": trial.bundle_bytes,
        "encoder_bytes": trial.encoder_bytes,
        "thresholds": {name: threshold.value for name, threshold in sorted(trial.thresholds.items())},
    }

"""Sections about where things are and how the service runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from kb_index.plan import IndexKind, IndexOptions
from models.head_kinds import HeadKind, Precision
from serving.settings.section import Name, Section

Count = Annotated[int, Field(ge=1)]


class FineTuningSettings(Section):
    """How ``firstline train`` fine-tunes heads; see `training.fine_tuning.FineTuningConfig`."""

    base: Name
    epochs: Count
    batch_size: Count
    gradient_accumulation: Count
    learning_rate: Annotated[float, Field(gt=0, lt=1)]
    max_length: Annotated[int, Field(ge=8, le=8192)]
    precision: Precision
    patience: Count
    class_weights: bool
    processes: Annotated[int, Field(ge=1, le=64)]
    resume: bool


class ModelSettings(Section):
    """Which models are used.

    Attributes:
        encoder: path, or hub id of anything sentence-transformers can load.
        bundles: folder of the trained bundles.
        heads: of which kind the heads are that ``firstline train`` fits; a bundle knows its own.
        tracking_uri: MLflow's store of runs and registered bundles: a server, or a database.
    """

    encoder: Name
    bundles: Path
    heads: HeadKind
    fine_tuning: FineTuningSettings
    tracking_uri: Annotated[str, Field(pattern=r"^\w[\w+-]*:")]


class IndexSettings(Section):
    """The knowledge index; what follows `candidates` is read when it is built.

    Attributes:
        root: folder of its versions.
        candidates: articles that a search proposes for a ticket.
        kind: of FAISS index; the numbers after it are those of `kb_index.plan.IndexOptions`.
    """

    root: Path
    candidates: Annotated[int, Field(ge=1, le=50)]
    kind: Literal["auto"] | IndexKind
    flat_up_to: Annotated[int, Field(ge=0)]
    bits: Literal[4, 8, 16]
    rerank: Annotated[int, Field(ge=1, le=10_000)]
    nlist: Literal["auto"] | Annotated[int, Field(ge=1, le=65_536)]
    nprobe: Annotated[int, Field(ge=1, le=65_536)]
    m: Annotated[int, Field(ge=2, le=128)]
    ef_construction: Annotated[int, Field(ge=1, le=10_000)]
    ef_search: Annotated[int, Field(ge=1, le=10_000)]

    @property
    def options(self) -> IndexOptions:
        """What the next build is told."""
        values = self.model_dump(exclude={"root", "candidates", "kind", "nlist"})
        kind = None if self.kind == "auto" else self.kind
        return IndexOptions(kind=kind, nlist=None if self.nlist == "auto" else self.nlist, **values)


class DatabaseSettings(Section):
    """Where tickets are kept.

    Attributes:
        url: of SQLAlchemy.
    """

    url: Annotated[str, Field(pattern=r"^\w[\w+]*://")]


class BatchSettings(Section):
    """Micro-batching inside one worker: a batch closes when it is full or has waited long enough."""

    max_tickets: Count
    wait_ms: Annotated[float, Field(ge=0, le=1000)]


class ServiceSettings(Section):
    """The HTTP service.

    Attributes:
        max_concurrent_tickets: in work at once in one worker; more are answered 503.
        max_body_bytes: a larger request is answered 413.
    """

    host: Name
    port: Annotated[int, Field(ge=1, le=65535)]
    workers: Annotated[int, Field(ge=1, le=256)]
    max_concurrent_tickets: Count
    max_body_bytes: Count
    batch: BatchSettings


class LoggingSettings(Section):
    """What is logged."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

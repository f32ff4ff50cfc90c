"""What a version of the index says about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from kb_index.errors import REMEDY, DamagedIndexError, UnusableInputError, WrongEncoderError
from kb_index.plan import IndexKind, IndexPlan

MANIFEST_FILE = "manifest.json"
FORMAT = 2


class Metric(StrEnum):
    """What a dense score is."""

    COSINE = "cosine"


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How the scores of an article are joined.

    Attributes:
        dense: of the cosine.
        lexical: of BM25 divided by the query's best.
        same_language: added when the article exists in the customer's language.

    Raises:
        UnusableInputError: a weight is negative, or neither search has any.
    """

    dense: float = 0.8
    lexical: float = 0.2
    same_language: float = 0.05

    def __post_init__(self) -> None:
        if min(self.dense, self.lexical, self.same_language) < 0 or self.dense + self.lexical <= 0:
            raise UnusableInputError(f"fusion weights must be 0 or more and not all 0, not {asdict(self)}")


DEFAULT_WEIGHTS = FusionWeights()


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Size and SHA-256 of a file as it was written."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The identity of one version.

    Attributes:
        encoder_id: name and revision of the encoder that made the vectors.
        dim: length of a vector.
        chunks: how many vectors; `articles` how many article versions (article and language).
        content_hash: of articles, encoder, weights and plan; equal hashes mean equal search results.
        plan: the kind of index and its parameters.
        created: ISO 8601, UTC.
        files: every file of the version but the manifest.
    """

    version: str
    encoder_id: str
    dim: int
    chunks: int
    articles: int
    content_hash: str
    created: str
    weights: FusionWeights
    plan: IndexPlan
    files: Mapping[str, FileStamp]
    metric: Metric = Metric.COSINE
    format: int = FORMAT

    def check_encoder(self, encoder_id: str, dim: int) -> None:
        """Refuses an encoder whose vectors cannot be compared with these.

        Raises:
            WrongEncoderError: the id or the dimension differs.
        """
        if (encoder_id, dim) != (self.encoder_id, self.dim):
            raise WrongEncoderError(
                f"index {self.version} was built with encoder {self.encoder_id!r} ({self.dim} dimensions), "
                f"but queries are read by {encoder_id!r} ({dim}): run 'firstline index build' with it"
            )

    def save(self, folder: Path) -> None:
        """Writes the manifest to `folder`."""
        plan = {"kind": self.plan.kind, **self.plan.parameters()}
        text = json.dumps({**asdict(self), "plan": plan}, indent=2, ensure_ascii=False)
        (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Returns the manifest in `folder`.

        Raises:
            DamagedIndexError: it is missing, not readable or of another format.
        """
        path = folder / MANIFEST_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                raise DamagedIndexError(
                    f"{path} has format {found['format']!r}, this release reads {FORMAT}: "
                    "run 'firstline index build'"
                )
            files = {name: FileStamp(**stamp) for name, stamp in found["files"].items()}
            weights = FusionWeights(**found["weights"])
            plan = IndexPlan(**{**found["plan"], "kind": IndexKind(found["plan"]["kind"])})
            parts = {"files": files, "weights": weights, "plan": plan, "metric": Metric(found["metric"])}
            return cls(**{**found, **parts})
        except FileNotFoundError as error:
            raise DamagedIndexError(
                f"{folder} has no {MANIFEST_FILE}: the version is missing or half written; {REMEDY}"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedIndexError(f"{path} is not a manifest ({error}); {REMEDY}") from error

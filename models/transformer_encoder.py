"""Any encoder that sentence-transformers can load: a local folder or a hub id."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.encoder import TextKind, check_texts, readable, unit_rows
from models.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32
HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
WHAT_TO_DO = (
    "Check models.encoder: it is the name of a shipped encoder, a folder, or a hub id, which needs the network "
    "when it is used for the first time."
)
PROMPT_NAMES = {TextKind.QUERY: ("query",), TextKind.PASSAGE: ("passage", "document", "corpus")}
"""What models call the prompts of the two sides, as in sentence-transformers' own ``encode_document``."""
E5_PREFIXES = {TextKind.QUERY: "query: ", TextKind.PASSAGE: "passage: "}
"""The E5 family wants these and does not say so in its configuration."""


class TransformerEncoder:
    """A sentence-transformers model with its query and passage prefixes."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self._model = model
        self._prefixes = find_prefixes(name, model.prompts, model.default_prompt_name)
        self._dim = int(model.encode(["dimension"], show_progress_bar=False).shape[1])
        self._revision = _revision(model, self._prefixes)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def id(self) -> str:
        """Name and a hash of the weights, the prefixes and the length at which texts are cut."""
        return f"{self.name}@{self._revision}"

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        """Returns ``(n, dim) float32`` with unit rows; longer texts than the model reads are cut."""
        check_texts(texts)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = self._model.encode(
            [readable(text) for text in texts],
            prompt=self._prefixes[kind],  # "" as well: it keeps a model's default prompt from being added
            batch_size=BATCH_SIZE,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return unit_rows(vectors.astype(np.float32))  # here, since a model in half precision is off by 1e-3

    @classmethod
    def load(cls, reference: str) -> TransformerEncoder:
        """Returns the encoder of a local folder or hub id.

        Raises:
            ModelError: there is nothing of that name, or sentence-transformers cannot load it.
        """
        folder = Path(reference)
        if not folder.is_dir() and not HUB_ID.fullmatch(reference):
            raise ModelError(f"no encoder {reference!r}: there is no such folder. {WHAT_TO_DO}")
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # a service's log is no place for one
        try:
            model = SentenceTransformer(reference)
        except Exception as error:  # the library raises many types, some of them its dependencies' own
            reason = str(error).strip().partition("\n")[0]
            raise ModelError(f"the encoder {reference!r} cannot be loaded: {reason} {WHAT_TO_DO}") from error
        return cls(folder.resolve().name if folder.is_dir() else reference, model)


def find_prefixes(name: str, prompts: Mapping[str, str], default: str | None = None) -> dict[TextKind, str]:
    """Returns what is put before queries and passages.

    Args:
        name: of the model; tells an E5 model, which is believed only where the model names no prompt itself.
        prompts: of the model's own configuration.
        default: which of them stands before a text that is neither query nor passage.
    """
    fallback = prompts.get(default, "") if default else ""
    known = {
        kind: next((prompts[key] for key in names if prompts.get(key)), fallback)
        for kind, names in PROMPT_NAMES.items()
    }
    if any(known.values()) or not _is_e5(name):
        return known
    return dict(E5_PREFIXES)


def _is_e5(name: str) -> bool:
    """Returns whether a model is called E5; the "instruct" ones take a task description instead."""
    words = name.lower().replace("_", "-").split("/")[-1].split("-")
    return "e5" in words and "instruct" not in words


def _revision(model: SentenceTransformer, prefixes: Mapping[TextKind, str]) -> str:
    settings = [dict(prefixes), model.max_seq_length, [type(module).__name__ for module in model]]
    digest = hashlib.sha256(json.dumps(settings).encode())
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]

"""Any encoder that sentence-transformers can load: a local folder or a hub id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.encoder import TextKind, check_texts
from models.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

E5_PREFIXES = {TextKind.QUERY: "query: ", TextKind.PASSAGE: "passage: "}


class TransformerEncoder:
    """A sentence-transformers model with its query and passage prefixes."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self._model = model
        self._prefixes = _prefixes(name, model)
        self._dim = int(model.encode(["dimension"], show_progress_bar=False).shape[1])
        self._revision = _revision(model)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def id(self) -> str:
        """Name and a hash of the weights."""
        return f"{self.name}@{self._revision}"

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        """Returns ``(n, dim) float32`` with unit rows."""
        check_texts(texts)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        prefix = self._prefixes.get(kind, "")
        vectors = self._model.encode(
            [prefix + text for text in texts],
            batch_size=32,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)

    @classmethod
    def load(cls, reference: str) -> TransformerEncoder:
        """Returns the encoder of a local folder or hub id.

        Raises:
            ModelError: sentence-transformers cannot load it.
        """
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(reference)
        except Exception as error:  # the library raises many types, some of them its dependencies' own
            raise ModelError(
                f"no encoder {reference!r}: it is not shipped, not a folder here, and sentence-transformers "
                f"cannot load it ({error}). Check models.encoder, or download the model to a folder."
            ) from error
        name = Path(reference).name if Path(reference).exists() else reference
        return cls(name, model)


def _prefixes(name: str, model: SentenceTransformer) -> dict[TextKind, str]:
    prompts = getattr(model, "prompts", None) or {}
    known = {kind: prompts[kind.value] for kind in TextKind if prompts.get(kind.value)}
    if not known and "e5" in name.lower().replace("_", "-").split("/")[-1].split("-"):
        return E5_PREFIXES
    return known


def _revision(model: SentenceTransformer) -> str:
    import hashlib

    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]

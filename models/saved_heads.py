"""How heads of either kind lie in a bundle: light ones as tensors, fine-tuned ones as folders of their own."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleError
from models.features import View
from models.fine_tuned_head import FineTunedHead, SequenceClassifier
from models.head_kinds import HeadKind
from models.heads import Head, LightHead, LinearView

FOLDER = "heads"
Tensors = Mapping[str, NDArray[Any]]
Entry = dict[str, Any]
"""What the manifest says of one head."""


def save_heads(heads: Mapping[str, Head], folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Entry]]:
    """Returns the tensors and the manifest entries of `heads`; copies fine-tuned ones under `folder`."""
    tensors: dict[str, NDArray[Any]] = {}
    entries: dict[str, Entry] = {}
    for name, head in heads.items():
        if isinstance(head, FineTunedHead):
            entries[name] = _save_fine_tuned(head, folder / FOLDER / name)
        elif isinstance(head, LightHead):
            tensors |= _light_tensors(name, head)
            entries[name] = _light_entry(head)
        else:
            raise BundleError(f"the head {name!r} is a {type(head).__name__}, which no bundle can hold")
    return tensors, entries


def load_heads(entries: Mapping[str, Entry], tensors: Tensors, folder: Path) -> dict[str, Head]:
    """Returns the heads that `save_heads` wrote.

    Raises:
        BundleError: the folder of a fine-tuned head is not what the manifest says.
    """
    return {
        name: _load_fine_tuned(entry, folder / FOLDER / name)
        if entry.get("kind") == HeadKind.FINE_TUNED
        else _load_light(name, entry, tensors)
        for name, entry in entries.items()
    }


def hash_folder(folder: Path) -> str:
    """Returns a hash of the names and contents of every file under `folder`."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\x00")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _save_fine_tuned(head: FineTunedHead, target: Path) -> Entry:
    source = head.classifier.folder
    if source.resolve() != target.resolve():
        shutil.copytree(source, target, dirs_exist_ok=True)
    return {
        "kind": HeadKind.FINE_TUNED.value,
        "labels": head.labels,
        "temperature": head.temperature,
        "hash": hash_folder(target),
    }


def _load_fine_tuned(entry: Entry, folder: Path) -> FineTunedHead:
    if hash_folder(folder) != entry["hash"]:
        raise BundleError(f"{folder} is missing or not what the manifest says; restore or retrain the bundle")
    return FineTunedHead(tuple(entry["labels"]), SequenceClassifier(folder), entry["temperature"])


def _light_tensors(name: str, head: LightHead) -> dict[str, NDArray[Any]]:
    tensors: dict[str, NDArray[Any]] = {}
    for key, view in head.views.items():
        tensors[f"{name}.{key}.weights"] = np.ascontiguousarray(view.weights, dtype=np.float16)
        tensors[f"{name}.{key}.bias"] = np.ascontiguousarray(view.bias, dtype=np.float32)
    return tensors


def _light_entry(head: LightHead) -> Entry:
    return {
        "kind": HeadKind.LIGHT.value,
        "labels": head.labels,
        "temperature": head.temperature,
        "views": {key.value: view.share for key, view in head.views.items()},
    }


def _load_light(name: str, entry: Entry, tensors: Tensors) -> LightHead:
    views = {
        View(key): LinearView(
            tensors[f"{name}.{key}.weights"].astype(np.float32), tensors[f"{name}.{key}.bias"], share
        )
        for key, share in entry["views"].items()
    }
    return LightHead(tuple(entry["labels"]), views, entry["temperature"])

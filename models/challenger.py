"""The bundle that reads live tickets beside the champion and acts on none of them.

The file ``<root>/CHALLENGER`` names it, beside ``CHAMPION``.
"""

from __future__ import annotations

import json
from pathlib import Path

from models.bundle import MANIFEST_FILE, Bundle, load_bundle
from models.champion import place, read_pointer, write_pointer
from models.encoder import Encoder

POINTER = "CHALLENGER"


def challenge(bundle_folder: Path, root: Path, version: str) -> Path:
    """Copies a bundle under `root` and makes it the challenger in one atomic step; returns its folder."""
    target = place(bundle_folder, root, version)
    write_pointer(root, POINTER, version)
    return target


def dismiss(root: Path) -> bool:
    """Ends the shadow mode; returns whether there was a challenger."""
    try:
        (root / POINTER).unlink()
    except FileNotFoundError:
        return False
    return True


def challenger_version(root: Path) -> str | None:
    """Returns the version of the challenger, None without one.

    Raises:
        BundleError: the pointer names something else than a version.
    """
    try:
        return read_pointer(root, POINTER)
    except FileNotFoundError:
        return None


def challenger_index(root: Path) -> Path:
    """Returns where the index of a challenger with an encoder of its own lies; `root` is the champion's."""
    return root.with_name(f"{root.name}-challenger")


def open_challenger(root: Path, version: str, known: Encoder) -> Bundle:
    """Returns the challenger's bundle; an encoder that is open already is shared rather than opened again.

    Raises:
        BundleError: it is missing or damaged.
    """
    folder = root / version
    return load_bundle(folder, known if _encoder_id(folder) == known.id else None)


def _encoder_id(folder: Path) -> str | None:
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # load_bundle says what is wrong with it
    return manifest.get("encoder_id") if isinstance(manifest, dict) else None

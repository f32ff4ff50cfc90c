"""Where the served bundle lies on disk, and how a running process notices a new one.

``<root>/<version>/`` holds bundles; the file ``<root>/CHAMPION`` names the one that is served. Training and the
registry write there; serving needs no MLflow.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from pathlib import Path

from models.bundle import MANIFEST_FILE, Bundle, load_bundle
from models.errors import BundleError, ModelError

log = logging.getLogger(__name__)
POINTER = "CHAMPION"
KEPT = 5


def install(bundle_folder: Path, root: Path, version: str) -> Path:
    """Copies a bundle under `root` and makes it the champion in one atomic step; returns its folder."""
    target = place(bundle_folder, root, version)
    write_pointer(root, POINTER, version)
    _prune(root)
    return target


def place(bundle_folder: Path, root: Path, version: str) -> Path:
    """Copies a bundle under `root`, where nobody serves it yet; returns its folder."""
    target = root / version
    if not (target / MANIFEST_FILE).exists():
        partial = root / f".{version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(bundle_folder, partial)
        partial.rename(target)
    os.utime(target)
    return target


def write_pointer(root: Path, name: str, version: str) -> None:
    """Makes the pointer `name` say `version`, in one atomic step."""
    partial = root / f".{name}.partial"
    partial.write_text(version + "\n", encoding="utf-8")
    os.replace(partial, root / name)


def read_pointer(root: Path, name: str) -> str:
    """Returns the version that the pointer `name` names.

    Raises:
        OSError: there is no such pointer.
        BundleError: what it names is not a version.
    """
    version = (root / name).read_text(encoding="utf-8").strip()
    if not version or Path(version).name != version or version.startswith("."):
        raise BundleError(f"{root / name} names {version!r}, which is not a version")
    return version


def champion_version(root: Path) -> str:
    """Returns the version the pointer names.

    Raises:
        BundleError: nothing was trained yet.
    """
    try:
        return read_pointer(root, POINTER)
    except OSError as error:
        raise BundleError(f"no champion under {root}: run 'firstline train all' first") from error


def open_champion(root: Path) -> Bundle:
    """Returns the champion's bundle.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    return load_bundle(root / champion_version(root))


class ChampionHolder:
    """The champion of a running process; a new one is opened beside requests, and swapped in whole."""

    def __init__(self, root: Path, poll_seconds: float = 1.0) -> None:
        self._root = root
        self._poll_seconds = poll_seconds
        self._stamp = self._read_stamp()
        self._bundle = open_champion(root)
        self._checked = time.monotonic()
        self._lock = threading.Lock()
        self.failures = 0

    def current(self) -> Bundle:
        """Returns the champion; at most once in `poll_seconds` it looks for a new one."""
        if time.monotonic() - self._checked > self._poll_seconds and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        return self._bundle

    def _refresh(self) -> None:
        self._checked = time.monotonic()
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._bundle = open_champion(self._root)
            log.info("bundle %s is served now", self._bundle.version)
        except ModelError:
            self.failures += 1
            log.exception("the new bundle cannot be served; %s goes on", self._bundle.version)

    def _read_stamp(self) -> tuple[int, int]:
        try:
            status = (self._root / POINTER).stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)


def _prune(root: Path) -> None:
    """Keeps the newest bundles for a roll-back, and whatever a pointer names."""
    named = {path.read_text(encoding="utf-8").strip() for path in root.iterdir() if path.is_file()}
    folders = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for path in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        if path.name not in named:
            shutil.rmtree(path)

"""Where the served bundle lies on disk, and how a running process notices a new one.

``<root>/<version>/`` holds bundles; the file ``<root>/CHAMPION`` names the one that is served. Training and the
registry write there; serving needs no MLflow.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from data.durable import replace_file, sync_path, sync_tree
from models.bundle import MANIFEST_FILE, WEIGHTS_FILE, Bundle, load_bundle
from models.errors import BundleError, BusyBundlesError, ModelError

log = logging.getLogger(__name__)
POINTER = "CHAMPION"
LOCK_FILE = ".lock"
KEPT = 5


def install(bundle_folder: Path, root: Path, version: str) -> Path:
    """Copies a bundle under `root` and makes it the champion in one atomic step; returns its folder."""
    target = place(bundle_folder, root, version)
    point_to(root, version)
    return target


def place(bundle_folder: Path, root: Path, version: str) -> Path:
    """Copies a bundle under `root`, where nobody serves it yet; returns its folder.

    A copy that is there and whole is left alone; a damaged one is replaced.
    """
    root.mkdir(parents=True, exist_ok=True)
    target = root / version
    if not is_whole(target):
        partial = root / f".{version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(bundle_folder, partial)
        sync_tree(partial)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
        sync_path(root)
    os.utime(target)
    return target


def write_pointer(root: Path, name: str, version: str) -> None:
    """Makes the pointer `name` say `version`, in one atomic step."""
    replace_file(root / name, version + "\n")


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


def point_to(root: Path, version: str) -> None:
    """Makes a bundle that lies under `root` the one that is served, in one atomic step; removes old ones."""
    write_pointer(root, POINTER, version)
    _prune(root)


def is_whole(folder: Path) -> bool:
    """Returns whether a bundle's files are there, and as they were written."""
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        weights = (folder / WEIGHTS_FILE).read_bytes()
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("weights_hash") == hashlib.sha256(weights).hexdigest()


def kept_versions(root: Path) -> list[str]:
    """Returns the bundles that lie under `root`, the one used last first."""
    if not root.is_dir():
        return []
    folders = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return [path.name for path in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)]


@contextlib.contextmanager
def switching(root: Path) -> Iterator[None]:
    """Holds the bundles for one promotion or roll-back; the system lets go of them if the process dies.

    Raises:
        BusyBundlesError: another process is promoting or rolling back.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise BusyBundlesError(
                f"another promotion or roll-back (process {holder}) holds {root}: try again when it is done"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


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
    pointers = [path for path in root.iterdir() if path.is_file() and path.name.isupper()]
    named = {path.read_text(encoding="utf-8").strip() for path in pointers}
    for version in kept_versions(root)[KEPT:]:
        if version not in named:
            shutil.rmtree(root / version)

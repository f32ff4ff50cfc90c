"""Versions of the index on disk: one folder each, and the file ``CURRENT`` that names the one in use.

A version is written beside the others, forced to the disk, and only then named: whoever reads sees the old
version or the new one, whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from data.durable import replace_file, sync_path, sync_tree
from kb_index.errors import REMEDY, BusyIndexError, DamagedIndexError, IndexStoreError, NoIndexError
from kb_index.integrity import check_sizes, verify_files
from kb_index.manifest import Manifest

CURRENT_FILE = "CURRENT"
LOCK_FILE = ".lock"
DRAFT_PREFIX = ".draft-"
VERSION_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """What ``CURRENT`` says.

    Attributes:
        version: the one in use.
        previous: the one to go back to, None where there is none.
    """

    version: str
    previous: str | None = None


def read_pointer(root: Path) -> Pointer:
    """Returns which version is in use.

    Raises:
        NoIndexError: nothing has been built under `root`.
        DamagedIndexError: the file does not name a version.
    """
    path = root / CURRENT_FILE
    try:
        pointer = Pointer(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise NoIndexError(f"no index under {root}: run 'firstline index build' first") from error
    except (OSError, ValueError, TypeError) as error:
        raise DamagedIndexError(f"{path} cannot be read ({error}); {REMEDY}") from error
    for name in (pointer.version, pointer.previous or pointer.version):
        if not isinstance(name, str) or not VERSION_NAME.fullmatch(name):
            raise DamagedIndexError(f"{path} names {name!r}, which is no version; {REMEDY}")
    return pointer


def list_versions(root: Path) -> list[str]:
    """Returns the complete or damaged versions under `root`, oldest first."""
    if not root.is_dir():
        return []
    return sorted(path.name for path in root.iterdir() if path.is_dir() and VERSION_NAME.fullmatch(path.name))


def open_version(folder: Path) -> Manifest:
    """Returns the manifest of a version after comparing the size of every file with it.

    That takes no time, however large the version is: every worker does it each time it opens an index.

    Raises:
        DamagedIndexError: a file is missing or truncated, or the manifest is of another version.
    """
    manifest = Manifest.load(folder)
    if manifest.version != folder.name:
        raise DamagedIndexError(f"{folder} holds the manifest of {manifest.version}; {REMEDY}")
    check_sizes(folder, manifest.files)
    return manifest


def verify_version(folder: Path) -> Manifest:
    """Returns the manifest of a version after reading every file and comparing its hash.

    Raises:
        DamagedIndexError: the version is not as it was written.
    """
    manifest = open_version(folder)
    verify_files(folder, manifest.files)
    return manifest


@contextlib.contextmanager
def writing(root: Path) -> Iterator[None]:
    """Holds the folder for one writer; the system releases it if the process dies.

    Raises:
        BusyIndexError: another process is writing.
        IndexStoreError: the folder cannot be written to.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / LOCK_FILE).open("w")
    except OSError as error:
        raise IndexStoreError(f"{root} cannot be written to: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyIndexError(f"another build is writing to {root}: try again later") from error
        yield


def publish(root: Path, write: Callable[[Path], str | None]) -> None:
    """Makes what `write` wrote the version in use, keeps the one before and removes older ones.

    To be called inside `writing`. Files of older versions are unlinked, never changed: a process that has them
    mapped reads on undisturbed.

    Args:
        root: the folder of all versions.
        write: fills the folder it is given and returns the name of the version, or None if there is nothing
            to publish; what it raises leaves the version in use as it was.

    Raises:
        IndexStoreError: the disk is full or refuses.
    """
    _remove(root, [path.name for path in root.glob(f"{DRAFT_PREFIX}*")])
    draft = root / f"{DRAFT_PREFIX}version"
    try:
        draft.mkdir()
        version = write(draft)
        if version is None:
            return
        sync_tree(draft)
        draft.rename(root / version)
    except OSError as error:
        raise IndexStoreError(f"{root} cannot be written to, the index is as before: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_path(root)
    pointer = Pointer(version, _usable_version(root))
    _write_pointer(root, pointer)
    _remove(root, [name for name in list_versions(root) if name not in {pointer.version, pointer.previous}])


def rollback(root: Path) -> str:
    """Returns the version before the one in use, after making it the one in use.

    Raises:
        NoIndexError: there is no index, or no version before it.
        DamagedIndexError: that version is damaged.
    """
    with writing(root):
        pointer = read_pointer(root)
        if pointer.previous is None:
            raise NoIndexError(f"no version older than {pointer.version} is kept under {root}")
        verify_version(root / pointer.previous)
        _write_pointer(root, Pointer(pointer.previous))
        return pointer.previous


def _usable_version(root: Path) -> str | None:
    """Returns the version in use, or the one before where that one is damaged: a roll-back must work."""
    try:
        pointer = read_pointer(root)
    except IndexStoreError:
        return None
    for name in filter(None, (pointer.version, pointer.previous)):
        with contextlib.suppress(IndexStoreError):
            verify_version(root / name)
            return name
    return None


def _write_pointer(root: Path, pointer: Pointer) -> None:
    replace_file(root / CURRENT_FILE, json.dumps(asdict(pointer)) + "\n")


def _remove(root: Path, names: list[str]) -> None:
    for name in names:
        path = root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

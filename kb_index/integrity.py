"""Files that survive a power cut, and the proof that they did."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from kb_index.errors import REMEDY, DamagedIndexError
from kb_index.manifest import FileStamp


def stamp_files(folder: Path) -> dict[str, FileStamp]:
    """Returns size and hash of every file under `folder`, by its path within."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _stamp(path.read_bytes()) for path in paths}


def verify_files(folder: Path, files: Mapping[str, FileStamp]) -> None:
    """Reads every file and compares it with its stamp.

    Raises:
        DamagedIndexError: one is missing, truncated or changed.
    """
    for name, expected in files.items():
        path = folder / name
        try:
            found = _stamp(path.read_bytes())
        except OSError as error:
            raise DamagedIndexError(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error
        if found.size != expected.size:
            raise DamagedIndexError(
                f"{path} has {found.size:,} bytes where {expected.size:,} were written; {REMEDY}"
            )
        if found != expected:
            raise DamagedIndexError(f"{path} has changed since it was written; {REMEDY}")


def sync_tree(folder: Path) -> None:
    """Forces every file and folder under `folder`, and itself, to the disk."""
    for path in [*folder.rglob("*"), folder]:
        sync_path(path)


def sync_path(path: Path) -> None:
    """Forces one file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(content: bytes) -> FileStamp:
    return FileStamp(len(content), hashlib.sha256(content).hexdigest())

"""The proof that files are as they were written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from kb_index.errors import REMEDY, DamagedIndexError
from kb_index.manifest import FileStamp


def stamp_files(folder: Path) -> dict[str, FileStamp]:
    """Returns size and hash of every file under `folder`, by its path within."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _stamp(path) for path in paths}


def check_sizes(folder: Path, files: Mapping[str, FileStamp]) -> None:
    """Compares the size of every file with its stamp, reading none of them.

    Raises:
        DamagedIndexError: one is missing or truncated.
    """
    for name, expected in files.items():
        path = folder / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise DamagedIndexError(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error
        if size != expected.size:
            raise DamagedIndexError(
                f"{path} has {size:,} bytes where {expected.size:,} were written; {REMEDY}"
            )


def verify_files(folder: Path, files: Mapping[str, FileStamp]) -> None:
    """Reads every file and compares it with its stamp.

    Raises:
        DamagedIndexError: one is missing, truncated or changed.
    """
    check_sizes(folder, files)
    for name, expected in files.items():
        path = folder / name
        try:
            found = _stamp(path)
        except OSError as error:
            raise DamagedIndexError(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error
        if found != expected:
            raise DamagedIndexError(f"{path} has changed since it was written; {REMEDY}")


def _stamp(path: Path) -> FileStamp:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileStamp(path.stat().st_size, digest)

"""Files of JSON lines, read with an error that names file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.errors import DataError


def read_objects(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields where each row stands (``file:line``) and the row; blank lines are passed over.

    Raises:
        DataError: the file is not there, not UTF-8, or a line is not a JSON object.
    """
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}:{number}", _parse(line, f"{path}:{number}")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: not UTF-8 ({error.reason} at byte {error.start}); convert the file"
        ) from error


def text_of(row: Mapping[str, Any], key: str, where: str) -> str:
    """Returns a field as text; numbers are written out.

    Raises:
        DataError: the field is missing, null, or a list or an object.
    """
    if key not in row:
        raise DataError(
            f"{where}: the field {key!r} is missing; there are {', '.join(map(repr, row)) or 'none'}"
        )
    value = row[key]
    if value is None or isinstance(value, dict | list | bool):
        raise DataError(f"{where}: the field {key!r} must be a text, not {json.dumps(value)[:60]}")
    return str(value)


def _parse(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{where}: not JSON: {getattr(error, 'msg', 'nested too deeply')}") from error
    if not isinstance(row, dict):
        raise DataError(f'{where}: a row must be an object like {{"text": …}}, not {line.strip()[:60]}')
    return row

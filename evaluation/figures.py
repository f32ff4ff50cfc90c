"""Figures as JSON, and texts of tickets as a report may show them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from serving.observability.redaction import scrub

LONGEST = 160


def plain(value: Any) -> Any:
    """Returns `value` as JSON can hold it: dataclasses as objects, what is not a number as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def excerpt(text: str, longest: int = LONGEST) -> str:
    """Returns the beginning of a ticket on one line, without mail addresses, telephone and card numbers."""
    line = " ".join(scrub(text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"

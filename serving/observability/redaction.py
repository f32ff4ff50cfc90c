"""What may stand in a log line: an allow-list of keys, and no personal data in their values.

Names cannot be recognised by a pattern in six languages, so a text passes only under a key that is known to
hold none; everything else is replaced. Identifiers from outside pass if they can be nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"
SYSTEM_KEYS = frozenset(
    {
        "timestamp", "level", "component", "event", "bundle", "index", "version", "article_id",
        "article_language", "error_type", "error", "stack", "route", "method", "part", "host", "workers",
    }
)  # fmt: skip
"""Keys whose texts the program itself makes."""
CLOSED_KEYS = frozenset(
    {
        "category", "topic", "priority", "sentiment", "language", "channel", "status", "from_status",
        "to_status", "queue", "rule", "decision", "reasons", "customer_tier",
    }
)  # fmt: skip
"""Keys whose texts come from a closed set: single words."""
IDENTIFIER_KEYS = frozenset(["customer_id", "source_id", "agent_id"])
"""Keys whose texts come from outside: they pass if they look like an `IDENTIFIER` and hold no number of a
person."""

TICKET_ID = re.compile(r"TKT-\d{14}-[0-9a-f]{6}")
IDENTIFIER = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9_.:/-]{1,128}")
"""ASCII with a digit in it: an address, a name or a sentence is no identifier."""
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_:.+-]{0,63}")
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+")
DIGITS = re.compile(r"\+?\d(?:[\s().\-\u2010-\u2015/]{0,3}\d){6,}")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Returns the log event without anything personal (a structlog processor)."""
    for key, value in event.items():
        event[key] = redact_value(key, value)
    return event


def redact_value(key: str, value: Any) -> Any:
    """Returns `value` as it may be logged under `key`."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**9 or key in SYSTEM_KEYS else REDACTED
    if isinstance(value, list | tuple):
        return [redact_value(key, item) for item in value]
    if isinstance(value, Mapping):
        return REDACTED
    return _redact_text(key, str(value))


def scrub(text: str) -> str:
    """Returns `text` with mail addresses, telephone and card numbers replaced."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(character for character in plain if unicodedata.category(character) != "Cf")
    return DIGITS.sub("[number]", EMAIL.sub("[email]", plain))


def _redact_text(key: str, text: str) -> str:
    if key == "ticket_id":
        return text if TICKET_ID.fullmatch(text) else REDACTED
    if key in SYSTEM_KEYS:
        return text if key in {"timestamp", "bundle", "index", "version"} else scrub(text)
    if key in CLOSED_KEYS:
        return text if WORD.fullmatch(text) else REDACTED
    if key in IDENTIFIER_KEYS:
        return text if IDENTIFIER.fullmatch(text) and scrub(text) == text else REDACTED
    return REDACTED

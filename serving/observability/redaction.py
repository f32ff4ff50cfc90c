"""What may stand in a log line: an allow-list of keys, and no personal data in their values.

Names cannot be recognised by a pattern in six languages, so a text passes only under a key that is known to
hold none; everything else is replaced. Identifiers from outside pass if they can be nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import MutableMapping
from typing import Any

REDACTED = "[redacted]"
LONGEST_NUMBER = 10**9
"""Longer whole numbers may be those of telephones and cards."""
CONSTANT_KEYS = frozenset({"timestamp", "level", "component", "bundle", "index", "version"})
"""Keys whose texts are made by the program and hold nothing from outside."""
SYSTEM_KEYS = frozenset({"article_id", "error_type", "error", "stack", "route", "method", "part"})
"""Keys whose texts are made by the program and may quote something: they are searched for personal data."""
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
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@(?![0-9a-f]{12}\b(?!\.\w))[^\s@<>()\[\],;:\"']+")
"""An encoder's id, a name and 12 digits of a hash (``static@21f2fbad2fb5``), is none."""
DIGITS = re.compile(r"\+?\d(?:[\s().\-\u2010-\u2015/]{0,3}\d){6,}")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Returns the log event without anything personal (a structlog processor)."""
    for key, value in event.items():
        event[key] = redact_value(key, value)
    return event


def redact_value(key: str, value: Any) -> Any:
    """Returns `value` as it may be logged under `key`."""
    if isinstance(value, str):
        return _redact_text(key, value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < LONGEST_NUMBER else REDACTED
    if isinstance(value, list | tuple):
        return [redact_value(key, item) for item in value]
    return REDACTED


def scrub(text: str) -> str:
    """Returns `text` with mail addresses, telephone and card numbers replaced."""
    plain = text if text.isascii() else _unified(text)
    if "@" in plain:
        plain = EMAIL.sub("[email]", plain)
    return DIGITS.sub("[number]", plain)


def _unified(text: str) -> str:
    """Returns `text` with full-width characters made plain and invisible ones removed."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(character for character in plain if unicodedata.category(character) != "Cf")


def _redact_text(key: str, text: str) -> str:
    if key in CLOSED_KEYS or key == "event":
        if WORD.fullmatch(text):
            return text
        return scrub(text) if key == "event" else REDACTED
    if key == "ticket_id":
        return text if TICKET_ID.fullmatch(text) else REDACTED
    if key in IDENTIFIER_KEYS:
        return text if IDENTIFIER.fullmatch(text) and scrub(text) == text else REDACTED
    if key in CONSTANT_KEYS:
        return text
    return scrub(text) if key in SYSTEM_KEYS else REDACTED

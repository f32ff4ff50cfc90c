"""Divides calibration tickets: some tune probabilities and searches, the others certify what is promised."""

from __future__ import annotations

import hashlib

TUNING_SHARE = 0.2
"""How many of the calibration tickets tune; chosen in ``evaluation/LOG.md``."""


def is_tuning(pattern: str, share: float = TUNING_SHARE) -> bool:
    """Returns whether the tickets of a pattern tune; a pattern stays in its part whatever else is labelled."""
    digest = hashlib.sha256(pattern.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64

"""What a user of a backtest can choose."""

from __future__ import annotations

from enum import StrEnum


class EmptyArticle(StrEnum):
    """What an empty cell in the column of the article means."""

    UNKNOWN = "unknown"
    NONE = "none"


class ModelChoice(StrEnum):
    """Which models judge."""

    AUTO = "auto"
    CHAMPION = "champion"
    TRAINED = "trained"
    SEARCH_ONLY = "search_only"

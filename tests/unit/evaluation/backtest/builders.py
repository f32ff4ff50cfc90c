"""A history small enough to count by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.history.columns import Columns, Field
from data.history.files import Format, Source
from data.history.tickets import History, PastTicket, Skipped
from data.history.values import DateOrder
from data.schema import Article
from evaluation.backtest.judging import CATEGORIES, LANGUAGES, ROW
from evaluation.backtest.labels import UNLABELLED, ArticleNames

ARTICLES = (
    Article(
        "KB001", "", "account", "Passwort zurücksetzen leicht gemacht", "de", (), "Klicken Sie auf Vergessen."
    ),
    Article("KB001", "", "account", "パスワードを再設定する", "ja", (), "「忘れた」を選びます。"),
    Article("KB002", "", "billing", "查询退款进度的方法说明", "zh", (), "打开订单页面。"),
    Article("KB0021", "", "shipping", "Where your parcel is right now", "en", (), "Open the tracking page."),
)
NAMES = ArticleNames.of(ARTICLES)


class FixedHistory(History):
    """Rows that stand in memory."""

    def __init__(self, rows: Sequence[PastTicket | Skipped]) -> None:
        source = Source(Path("export.csv"), Format.CSV, "utf-8", ",")
        super().__init__([source], Columns({Field.MESSAGE: "message"}, frozenset()), DateOrder.DAY_FIRST)
        object.__setattr__(self, "_rows", rows)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._rows)  # type: ignore[attr-defined]


def ticket(message: str, day: int | None = None, article: str = "", reply: str = "") -> PastTicket:
    created = None if day is None else datetime(2026, 1 + day // 28, 1 + day % 28, tzinfo=UTC)
    return PastTicket(1, "", message, created=created, article=article, reply=reply)


def judged(
    articles: Sequence[int],
    probabilities: Sequence[float],
    answered: Sequence[bool],
    category: str = "billing",
) -> NDArray[np.void]:
    rows = np.zeros(len(articles), dtype=ROW)
    rows["article"], rows["probability"], rows["answered"] = articles, probabilities, answered
    rows["allowed"], rows["similar"] = True, UNLABELLED
    rows["category"] = [str(name) for name in CATEGORIES].index(category)
    rows["language"] = LANGUAGES.index("ja")
    return rows

from __future__ import annotations

import pytest

from evaluation.backtest.labels import FOREIGN, NO_ARTICLE, UNLABELLED
from tests.unit.evaluation.backtest.builders import NAMES

KB001, KB002, KB0021 = range(3)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("KB002", KB002), (" kb002 ", KB002), ("https://help.example/hc/de/articles/KB0021-paket", KB0021),
        ("パスワードを再設定する", KB001),
        ("none", NO_ARTICLE), ("なし", NO_ARTICLE), ("", UNLABELLED), ("KB999", FOREIGN),
        ("refund by phone", FOREIGN),
    ],
)  # fmt: skip
def test_resolve_cell_of_the_article_column(cell: str, number: int) -> None:
    assert NAMES.resolve(cell) == number


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        ("Bitte lesen Sie KB0021.", KB0021),
        ("詳しくは「パスワードを再設定する」をご覧ください。", KB001),
        ("请看《查询退款进度的方法说明》。", KB002),
        ("See https://help.example/articles/KB002?x=1", KB002),
        ("KB001 oder KB002", UNLABELLED),
        ("Wir haben Ihr Geld erstattet.", UNLABELLED),
        ("Order XKB0029 is on its way", UNLABELLED),
        ("", UNLABELLED),
    ],
)
def test_mentioned_only_where_one_article_is_named(reply: str, number: int) -> None:
    assert NAMES.mentioned(reply) == number

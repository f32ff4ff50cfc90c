from __future__ import annotations

import numpy as np
import pytest

from data.errors import DataError
from data.retrieval import Document, Query
from evaluation import passages
from evaluation.passages import open_passages, split_sentences
from evaluation.retrieval import UNFOUND, Side, measure_retrieval, query_figures, ranks_of
from tests.unit.kb_index.fakes import HashEncoder

DOCUMENTS = [
    Document("en", "Refunds take five days. We send the money to the card you paid with."),
    Document("de", "Das Passwort setzen Sie auf der Anmeldeseite zurück. Dort klicken Sie auf Vergessen."),
    Document("ja", "注文の状況は注文履歴で確認できます。配送業者の追跡番号もそこにあります。"),
    Document("zh", "您可以在订单页面申请退款。款项会退回原付款方式。"),
]
QUERIES = [
    Query("1", "How many days do refunds take?", "en"),
    Query("2", "Passwort auf der Anmeldeseite zurücksetzen", "de"),
    Query("3", "配送業者の追跡番号はどこですか", "ja"),
    Query("4", "怎么申请退款", "zh"),
]


def test_measure_retrieval_finds_documents_in_four_languages() -> None:
    figures = measure_retrieval(DOCUMENTS, QUERIES, HashEncoder(dim=256)).figures()
    for side in Side:
        assert set(figures[side]) == {"recall@1", "recall@3", "recall@10", "mrr@10", "ndcg@10"}  # type: ignore[call-overload]
    assert figures["lexical"]["recall@1"] == figures["fused"]["recall@1"] == 1.0  # type: ignore[index]
    assert figures["documents"] == figures["queries"] == 4


def test_measure_retrieval_query_without_its_document_is_counted_and_skipped() -> None:
    result = measure_retrieval(DOCUMENTS, [*QUERIES, Query("5", "?", "gone")], HashEncoder(dim=256))
    assert (len(result.queries), result.skipped) == (4, 1)
    with pytest.raises(DataError, match="none of the 1 queries names a document that is there"):
        measure_retrieval(DOCUMENTS, [Query("5", "?", "gone")], HashEncoder())


def test_measure_retrieval_document_that_shares_no_word_is_not_found_by_words() -> None:
    result = measure_retrieval(DOCUMENTS, [Query("1", "¿Reembolso?", "ja")], HashEncoder())
    assert result.ranks[Side.LEXICAL].tolist() == [UNFOUND]
    assert result.ranks[Side.DENSE][0] < 4


def test_measure_retrieval_small_blocks_give_the_same_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measure_retrieval(DOCUMENTS, QUERIES, HashEncoder(dim=256)).ranks
    monkeypatch.setattr(passages, "BLOCK_SCORES", 1)
    blocks = measure_retrieval(DOCUMENTS, QUERIES, HashEncoder(dim=256)).ranks
    assert {side: ranks.tolist() for side, ranks in whole.items()} == {
        side: ranks.tolist() for side, ranks in blocks.items()
    }


def test_open_passages_reads_empty_and_huge_documents() -> None:
    with open_passages(["", "長い文 " * 20_000, "passwort"], HashEncoder()) as found:
        scores = next(found.search(["passwort", ""]))
    assert scores.fused.shape == (2, 3)
    assert np.isfinite(scores.fused).all()
    assert scores.fused[0].argmax() == 2


def test_ranks_of_equal_scores_keep_the_order_of_the_documents() -> None:
    scores = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=np.float32)
    assert ranks_of(scores, np.array([0, 1, 2])).tolist() == [0, 1, 2]


def test_query_figures_follow_their_definitions() -> None:
    figures = query_figures(np.array([0, 2, 9, 10, UNFOUND]))
    assert figures["recall@1"].tolist() == [1, 0, 0, 0, 0]
    assert figures["recall@3"].tolist() == [1, 1, 0, 0, 0]
    assert figures["recall@10"].tolist() == [1, 1, 1, 0, 0]
    assert figures["mrr@10"] == pytest.approx([1, 1 / 3, 1 / 10, 0, 0])
    assert figures["ndcg@10"] == pytest.approx([1, 1 / 2, 1 / np.log2(11), 0, 0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.Two! Three", ["One.", "Two!", "Three"]),
        ("一つ。二つ！三つ", ["一つ。", "二つ！", "三つ"]),
        ("Die U.S.A. sind groß.\n¿Sí?", ["Die U.S.A.", "sind groß.", "¿Sí?"]),
        ("  ", ["  "]),
        ("あ" * 1_500, ["あ" * 1_000, "あ" * 500]),
    ],
)
def test_split_sentences_in_several_scripts(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected

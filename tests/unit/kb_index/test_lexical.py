from __future__ import annotations

from pathlib import Path

import bm25s
import numpy as np
import pytest

from kb_index.chunks import article_text
from kb_index.errors import DamagedIndexError
from kb_index.lexical import K1, MATRIX_FILE, B, LexicalIndex
from kb_index.tokens import tokenize
from tests.unit.kb_index.fakes import ARTICLES

TEXTS = [article_text(article) for article in ARTICLES]
LANGUAGES = [article.language for article in ARTICLES]
QUERIES = [
    "I forgot my password, password!",
    "Geld zurück aufs Konto",
    "パスワードを忘れました",
    "无法登录",
    "?!",
    "xyzzy",
]


@pytest.fixture
def lexical() -> LexicalIndex:
    return LexicalIndex.build(TEXTS, LANGUAGES)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES)))
def test_scores_equal_those_of_bm25s_in_each_language(lexical: LexicalIndex, language: str) -> None:
    documents = [row for row, found in enumerate(LANGUAGES) if found == language]
    model = bm25s.BM25(k1=K1, b=B, method="lucene")
    model.index([tokenize(TEXTS[row]) for row in documents], show_progress=False)
    known = [sorted({*tokenize(query)} & {*model.vocab_dict}) for query in QUERIES]
    expected = [model.get_scores(tokens) if tokens else [0.0] * len(documents) for tokens in known]
    np.testing.assert_allclose(lexical.scores(QUERIES)[:, documents], expected, rtol=1e-5)


def test_scores_best_document_is_the_one_about_the_query(lexical: LexicalIndex) -> None:
    best = lexical.scores(QUERIES[:4]).argmax(axis=1)
    assert [(ARTICLES[row].id, ARTICLES[row].language) for row in best] == [
        ("KB001", "en"),
        ("KB003", "de"),
        ("KB001", "ja"),
        ("KB001", "zh"),
    ]


def test_scores_of_unknown_or_no_words_are_zero(lexical: LexicalIndex) -> None:
    assert not lexical.scores(QUERIES[4:]).any()
    assert lexical.scores([]).shape == (0, len(TEXTS))


def test_scores_of_a_batch_equal_those_of_single_queries(lexical: LexicalIndex) -> None:
    single = np.concatenate([lexical.scores([query]) for query in QUERIES])
    np.testing.assert_array_equal(lexical.scores(QUERIES), single)


def test_scores_of_100_000_characters_equal_those_of_the_part_that_is_read(lexical: LexicalIndex) -> None:
    np.testing.assert_array_equal(lexical.scores(["password " * 12_000]), lexical.scores(["password"]))


def test_save_then_load_gives_the_same_scores(lexical: LexicalIndex, tmp_path: Path) -> None:
    lexical.save(tmp_path)
    np.testing.assert_array_equal(LexicalIndex.load(tmp_path).scores(QUERIES), lexical.scores(QUERIES))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not an archive"])
def test_load_damaged_matrix_is_an_error(lexical: LexicalIndex, tmp_path: Path, content: bytes) -> None:
    lexical.save(tmp_path)
    (tmp_path / MATRIX_FILE).write_bytes(content)
    with pytest.raises(DamagedIndexError, match="lexical index"):
        LexicalIndex.load(tmp_path)


def test_build_with_a_document_without_words_scores_it_zero() -> None:
    lexical = LexicalIndex.build(["…", "one word"], ["en", "en"])
    assert lexical.scores(["word"])[0, 0] == 0 < lexical.scores(["word"])[0, 1]


def test_build_of_documents_without_any_word_scores_nothing() -> None:
    assert not LexicalIndex.build(["…"], ["en"]).scores(["word"]).any()

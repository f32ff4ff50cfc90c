from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest

from kb_index.chunks import article_text
from kb_index.errors import DamagedIndexError
from kb_index.lexical import DOCUMENTS_FILE, SCORES_FILE, STARTS_FILE, TOKENS_FILE, LexicalIndex
from kb_index.lexical_build import K1, B, write_lexical
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


def build(folder: Path, texts: Sequence[str], languages: Sequence[str]) -> LexicalIndex:
    write_lexical(texts, np.array([code.encode() for code in languages]), folder, lambda _: None)
    return LexicalIndex.load(folder, len(texts))


@pytest.fixture
def lexical(tmp_path: Path) -> LexicalIndex:
    return build(tmp_path, TEXTS, LANGUAGES)


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


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_nearest_gives_the_documents_with_the_highest_scores(lexical: LexicalIndex, limit: int) -> None:
    for query, scores in zip(QUERIES, lexical.scores(QUERIES), strict=True):
        expected = np.sort(scores[scores > 0])[::-1][:limit]
        np.testing.assert_allclose(np.sort(scores[lexical.nearest(query, limit)])[::-1], expected)


def test_nearest_of_very_common_tokens_reads_the_rare_ones_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb_index.lexical.MAX_POSTINGS", 4)
    lexical = build(tmp_path, ["and or", "and or", "and 返品", "and 返品 Geld"], ["en"] * 4)
    assert sorted(lexical.nearest("and or Geld", 10)) == [0, 1, 3]


def test_scores_of_chosen_documents_equal_those_of_all(lexical: LexicalIndex) -> None:
    chosen = np.array([0, 2, 6])
    for query, scores in zip(QUERIES, lexical.scores(QUERIES), strict=True):
        np.testing.assert_allclose(lexical.scores_of(query, chosen), scores[chosen], rtol=1e-5)


def test_build_in_parts_equals_a_build_at_once(
    lexical: LexicalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb_index.lexical_build.PART_DOCUMENTS", 3)
    build(tmp_path / "parts", TEXTS, LANGUAGES)
    for name in (TOKENS_FILE, STARTS_FILE, DOCUMENTS_FILE, SCORES_FILE):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / name).read_bytes()
    assert not (tmp_path / "parts" / "lexical" / "parts").exists()


@pytest.mark.parametrize("name", [TOKENS_FILE, STARTS_FILE, DOCUMENTS_FILE, SCORES_FILE])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not an array"])
def test_load_damaged_file_is_an_error(
    lexical: LexicalIndex, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedIndexError, match=name):
        LexicalIndex.load(tmp_path, len(TEXTS))


def test_load_files_of_two_indexes_is_an_error(lexical: LexicalIndex, tmp_path: Path) -> None:
    build(tmp_path / "other", TEXTS[:2], LANGUAGES[:2])
    shutil.copy(tmp_path / "other" / STARTS_FILE, tmp_path / "starts")
    (tmp_path / "starts").replace(tmp_path / STARTS_FILE)
    with pytest.raises(DamagedIndexError, match="lexical index"):
        LexicalIndex.load(tmp_path, len(TEXTS))


def test_build_with_a_document_without_words_scores_it_zero(tmp_path: Path) -> None:
    lexical = build(tmp_path, ["…", "one word"], ["en", "en"])
    assert lexical.scores(["word"])[0, 0] == 0 < lexical.scores(["word"])[0, 1]


def test_build_of_documents_without_any_word_scores_nothing(tmp_path: Path) -> None:
    lexical = build(tmp_path, ["…"], ["en"])
    assert not lexical.scores(["word"]).any()
    assert not lexical.nearest("word", 5).size
    assert not lexical.scores_of("word", np.array([0])).any()

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb_index.build import BuildOptions, build_index
from kb_index.chunks import chunk_article
from kb_index.errors import NoIndexError, QueryError, WrongEncoderError
from kb_index.manifest import FusionWeights
from kb_index.search import Hit, KnowledgeIndex, open_current
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder

QUERIES = {
    "en": "I have forgotten my password",
    "de": "Ich habe mein Kennwort vergessen",
    "ja": "パスワードを忘れました",
    "zh": "忘记密码了怎么办",
}


def ask(index: KnowledgeIndex, text: str, language: str, limit: int = 5) -> list[Hit]:
    return index.search(HashEncoder().encode([text]), [text], [language], limit)[0]


@pytest.mark.parametrize("language", QUERIES)
def test_search_article_in_the_customers_language_is_first_and_preferred(
    index: KnowledgeIndex, language: str
) -> None:
    best = ask(index, QUERIES[language], language)[0]
    assert (best.article_id, best.language, best.preferred_language) == ("KB001", language, True)


def test_search_article_missing_in_the_language_comes_in_another_and_is_marked(index: KnowledgeIndex) -> None:
    best = ask(index, "Geld zurück Rückerstattung", "fr")[0]
    assert (best.article_id, best.language, best.preferred_language) == ("KB003", "de", False)


def test_search_undetermined_language_takes_the_nearest_version(index: KnowledgeIndex) -> None:
    best = ask(index, QUERIES["ja"], "und")[0]
    assert (best.language, best.preferred_language) == ("ja", False)


def test_search_customers_language_is_shown_even_for_a_text_in_another(index: KnowledgeIndex) -> None:
    best = ask(index, QUERIES["de"], "en")[0]
    assert (best.article_id, best.language, best.preferred_language) == ("KB001", "en", True)


def test_search_gives_each_article_once_best_first(index: KnowledgeIndex) -> None:
    hits = ask(index, "password", "en")
    assert sorted(hit.article_id for hit in hits) == ["KB001", "KB002", "KB003"]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(ask(index, "password", "en", limit=2)) == 2


def test_search_scores_equal_a_brute_force(index: KnowledgeIndex, encoder: HashEncoder) -> None:
    query = encoder.encode([QUERIES["en"]])[0]
    weights = index.manifest.weights
    for hit in ask(index, QUERIES["en"], "en"):
        versions = [article for article in ARTICLES if article.id == hit.article_id]
        passages = [chunk.passage for article in versions for chunk in chunk_article(article)]
        assert hit.dense == pytest.approx(max(encoder.encode(passages) @ query), abs=1e-6)
        bonus = weights.same_language if hit.preferred_language else 0
        fused = weights.dense * hit.dense + weights.lexical * hit.lexical + bonus
        assert hit.score == pytest.approx(fused, abs=1e-6)
    assert ask(index, QUERIES["en"], "en")[0].lexical == 1.0


def test_search_chunk_is_the_nearest_of_the_shown_version(
    index: KnowledgeIndex, encoder: HashEncoder
) -> None:
    text = "Open the sign-in page. Choose Forgot password."
    hit = ask(index, text, "en")[0]
    chunks = chunk_article(index.articles[hit.article_id, hit.language])
    cosines = encoder.encode([chunk.passage for chunk in chunks]) @ encoder.encode([text])[0]
    assert hit.chunk == chunks[int(cosines.argmax())].text


def test_search_of_a_batch_equals_single_searches(index: KnowledgeIndex, encoder: HashEncoder) -> None:
    languages, texts = list(QUERIES), list(QUERIES.values())
    batch = index.search(encoder.encode(texts), texts, languages)
    for found, text, language in zip(batch, texts, languages, strict=True):
        single = ask(index, text, language)
        assert [hit.article_id for hit in found] == [hit.article_id for hit in single]
        np.testing.assert_allclose([hit.score for hit in found], [hit.score for hit in single], atol=1e-6)


@pytest.mark.parametrize("text", ["", "🙂", "\x00"])
def test_search_of_nothing_to_compare_finds_nothing(index: KnowledgeIndex, text: str) -> None:
    assert ask(index, text, "en") == []


def test_search_of_no_query_gives_no_answer(index: KnowledgeIndex) -> None:
    assert index.search(np.zeros((0, 32), dtype=np.float32), [], []) == []


def test_search_with_arguments_that_do_not_fit_is_refused(index: KnowledgeIndex) -> None:
    with pytest.raises(QueryError, match="every query needs one of each"):
        index.search(np.zeros((1, 32), dtype=np.float32), ["a", "b"], ["en", "en"])
    with pytest.raises(QueryError, match="limit"):
        ask(index, "a", "en", limit=0)
    with pytest.raises(QueryError, match="shape"):
        index.search(np.zeros((1, 8), dtype=np.float32), ["a"], ["en"])


def test_weights_of_the_manifest_decide_the_order(tmp_path: Path, encoder: HashEncoder) -> None:
    weights = FusionWeights(dense=0, lexical=1, same_language=0)
    build_index(ARTICLES, encoder, tmp_path, BuildOptions(weights))
    index = open_current(tmp_path, encoder.id, encoder.dim)
    assert all(hit.score == hit.lexical for hit in ask(index, "tracking number", "en"))


def test_open_current_before_any_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError, match="firstline index build"):
        open_current(tmp_path / "nowhere", "hash@1", 32)


@pytest.mark.parametrize(("encoder_id", "dim"), [("other@1", 32), ("hash@1", 64)])
def test_open_current_with_another_encoder_names_both(root: Path, encoder_id: str, dim: int) -> None:
    with pytest.raises(WrongEncoderError, match=f"'hash@1' .32 dim.*'{encoder_id}' .{dim}"):
        open_current(root, encoder_id, dim)


def test_articles_are_found_by_id_and_language(index: KnowledgeIndex) -> None:
    assert set(index.articles.values()) == set(ARTICLES)
    assert index.articles["KB003", "de"].title == "Rückerstattung"

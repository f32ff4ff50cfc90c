"""The same corpus in an index of each kind: the same answers, the same promises on disk."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.schema import Article
from kb_index.build import BuildOptions, build_index, update_index
from kb_index.errors import DamagedIndexError
from kb_index.manifest import Manifest
from kb_index.plan import IndexKind, IndexOptions
from kb_index.search import Hit, KnowledgeIndex, open_current
from kb_index.store import read_pointer, verify_version
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder, make_article

WORDS = {
    "en": [
        "order",
        "parcel",
        "refund",
        "password",
        "invoice",
        "account",
        "delivery",
        "late",
        "return",
        "card",
    ],
    "de": ["Bestellung", "Paket", "Erstattung", "Passwort", "Rechnung", "Konto", "Lieferung", "Gutschein"],
    "ja": ["注文", "荷物", "返金", "パスワード", "請求書", "口座", "配送", "遅延", "故障", "返品"],
    "zh": ["订单", "包裹", "退款", "密码", "发票", "账户", "配送", "延迟", "损坏", "退货"],
}


def many_articles(count: int) -> list[Article]:
    """`count` ids, in one to four languages each, of words drawn from `WORDS`."""
    random = np.random.default_rng(1)
    return [
        make_article(
            f"KB{number:05d}",
            language,
            " ".join(random.choice(words, 3)),
            "\n\n".join(" ".join(random.choice(words, 6)) for _ in range(2)),
        )
        for number in range(count)
        for language, words in list(WORDS.items())[: 1 + number % 4]
    ]


def ask_all(index: KnowledgeIndex, articles: list[Article], limit: int) -> list[list[Hit]]:
    texts = [article.body.split("\n")[0] for article in articles[::7]]
    languages = [article.language for article in articles[::7]]
    wanted = [["KB00003", "nowhere"] if row % 2 else [] for row in range(len(texts))]
    return index.search(HashEncoder().encode(texts), texts, languages, limit, wanted)


def test_search_with_everything_probed_equals_the_exact_search(
    tmp_path: Path, encoder: HashEncoder, full_options: BuildOptions
) -> None:
    articles = many_articles(80)
    build_index(articles, encoder, tmp_path / "flat")
    build_index(articles, encoder, tmp_path / "other", full_options)
    exact = ask_all(open_current(tmp_path / "flat", encoder.id, encoder.dim), articles, 5)
    found = ask_all(open_current(tmp_path / "other", encoder.id, encoder.dim), articles, 5)
    for one, other in zip(exact, found, strict=True):
        assert [hit._replace(score=0, dense=0, lexical=0) for hit in one] == [
            hit._replace(score=0, dense=0, lexical=0) for hit in other
        ]
        numbers = [[(hit.score, hit.dense, hit.lexical) for hit in hits] for hits in (one, other)]
        np.testing.assert_allclose(*numbers, atol=1e-6)


@pytest.mark.parametrize("kind", [IndexKind.IVF, IndexKind.HNSW])
def test_search_as_shipped_finds_nearly_all_that_the_exact_search_finds(
    tmp_path: Path, encoder: HashEncoder, kind: IndexKind
) -> None:
    articles = many_articles(1_000)
    build_index(articles, encoder, tmp_path / "flat")
    build_index(articles, encoder, tmp_path / "other", BuildOptions(index=IndexOptions(kind)))
    exact = ask_all(open_current(tmp_path / "flat", encoder.id, encoder.dim), articles, 10)
    found = ask_all(open_current(tmp_path / "other", encoder.id, encoder.dim), articles, 10)
    shares = [
        len({hit.article_id for hit in one} & {hit.article_id for hit in other}) / len(one)
        for one, other in zip(exact, found, strict=True)
    ]
    assert np.mean(shares) >= 0.95


def test_search_finds_wanted_articles_that_no_search_proposes(tmp_path: Path, encoder: HashEncoder) -> None:
    options = IndexOptions(IndexKind.IVF, nlist=20, nprobe=1, rerank=1)
    build_index(many_articles(80), encoder, tmp_path, BuildOptions(index=options))
    index = open_current(tmp_path, encoder.id, encoder.dim)
    hits = index.search(encoder.encode(["xyzzy"]), ["xyzzy"], ["en"], 3, [["KB00041", "KB00077"]])[0]
    assert {"KB00041", "KB00077"} <= {hit.article_id for hit in hits}


def test_manifest_holds_the_plan(index: KnowledgeIndex, full_options: BuildOptions) -> None:
    assert index.manifest.plan.kind is full_options.index.kind
    assert ("nlist" in index.manifest.plan.parameters()) == (full_options.index.kind is IndexKind.IVF)


def test_update_index_embeds_only_what_has_changed_whatever_the_kind(
    tmp_path: Path, encoder: HashEncoder, full_options: BuildOptions
) -> None:
    build_index(ARTICLES, encoder, tmp_path / "updated", full_options)
    articles = [replace(ARTICLES[0], body="Quite another text."), *ARTICLES[2:]]
    assert update_index(articles, encoder, tmp_path / "updated", full_options).embedded == 1
    build_index(articles, encoder, tmp_path / "full", full_options)
    updated = open_current(tmp_path / "updated", encoder.id, encoder.dim)
    full = open_current(tmp_path / "full", encoder.id, encoder.dim)
    assert ask_all(updated, articles, 3) == ask_all(full, articles, 3)
    assert updated.manifest.content_hash == full.manifest.content_hash


def test_update_index_to_another_kind_embeds_nothing(root: Path, encoder: HashEncoder) -> None:
    options = BuildOptions(index=IndexOptions(IndexKind.HNSW))
    assert update_index(ARTICLES, encoder, root, options).embedded == 0
    assert open_current(root, encoder.id, encoder.dim).manifest.plan.kind is IndexKind.HNSW
    assert update_index(ARTICLES, encoder, root).embedded == 0
    assert open_current(root, encoder.id, encoder.dim).manifest.plan.kind is IndexKind.FLAT


def test_every_file_is_watched_whatever_the_kind(
    tmp_path: Path, encoder: HashEncoder, full_options: BuildOptions
) -> None:
    folder = tmp_path / build_index(ARTICLES, encoder, tmp_path, full_options).version
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name == "manifest.json":
            continue
        content = path.read_bytes()
        path.unlink()  # an index that has the file mapped reads on, so it is replaced, not written to
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        with pytest.raises(DamagedIndexError, match=f"{path.name} has changed"):
            verify_version(folder)
        path.write_bytes(content[:-1])
        with pytest.raises(DamagedIndexError, match=f"{path.name} has .* bytes where"):
            open_current(tmp_path, encoder.id, encoder.dim)
        path.write_bytes(content)
    verify_version(folder)


def test_manifest_of_another_kind_is_refused(tmp_path: Path, encoder: HashEncoder) -> None:
    options = BuildOptions(index=IndexOptions(IndexKind.IVF))
    folder = tmp_path / build_index(ARTICLES, encoder, tmp_path, options).version
    manifest = Manifest.load(folder)
    for kind in (IndexKind.FLAT, IndexKind.HNSW):
        replace(manifest, plan=replace(manifest.plan, kind=kind)).save(folder)
        with pytest.raises(DamagedIndexError, match="IndexIVFScalarQuantizer"):
            open_current(tmp_path, encoder.id, encoder.dim)


def test_index_in_use_answers_on_when_its_version_is_removed(
    tmp_path: Path, encoder: HashEncoder, full_options: BuildOptions
) -> None:
    articles = many_articles(40)
    build_index(articles, encoder, tmp_path, full_options)
    folder = tmp_path / read_pointer(tmp_path).version
    index = open_current(tmp_path, encoder.id, encoder.dim)
    for count in (1, 2, 3):
        build_index(ARTICLES[:count], encoder, tmp_path, full_options)
    assert not folder.exists()
    before = ask_all(index, articles, 5)
    build_index(articles, encoder, tmp_path, full_options)
    assert before == ask_all(open_current(tmp_path, encoder.id, encoder.dim), articles, 5)
    shutil.rmtree(tmp_path)
    assert ask_all(index, articles, 5) == before

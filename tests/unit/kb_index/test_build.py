from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.schema import Article
from kb_index.build import BuildOptions, build_index, update_index
from kb_index.errors import BusyIndexError, NoIndexError, UnusableInputError
from kb_index.manifest import FusionWeights, Manifest
from kb_index.search import open_current
from kb_index.store import read_pointer, writing
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder, LongEncoder, make_article


def counts(report: object) -> tuple[int, ...]:
    return tuple(getattr(report, name) for name in ("added", "changed", "unchanged", "deleted", "embedded"))


def test_build_index_counts_and_manifest_agree(tmp_path: Path, encoder: HashEncoder) -> None:
    report = build_index(ARTICLES, encoder, tmp_path)
    manifest = Manifest.load(tmp_path / report.version)
    assert counts(report) == (7, 0, 0, 0, report.chunks)
    assert (manifest.encoder_id, manifest.dim, manifest.metric) == ("hash@1", 32, "cosine")
    assert (manifest.articles, manifest.chunks) == (7, report.chunks)
    assert read_pointer(tmp_path).version == report.version


def test_build_index_writes_nothing_pickled(root: Path) -> None:
    files = [path for path in (root / read_pointer(root).version).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".jsonl", ".npy", ".faiss"}


def test_update_index_embeds_only_what_has_changed(root: Path, encoder: HashEncoder) -> None:
    changed = replace(ARTICLES[0], steps=("Call us.",))
    new = make_article("KB004", "es", "Devolver un artículo", "Cómo devolverlo.")
    report = update_index([changed, *ARTICLES[1:-1], new], encoder, root)
    assert counts(report) == (1, 1, 5, 1, 3)
    assert encoder.seen == [
        "Reset your password\nCall us.",
        "Devolver un artículo",
        "Devolver un artículo\nCómo devolverlo.",
    ]


def test_update_index_result_equals_a_full_build(root: Path, tmp_path: Path, encoder: HashEncoder) -> None:
    articles = [replace(ARTICLES[0], body="Quite another text."), *ARTICLES[2:]]
    update_index(articles, encoder, root)
    build_index(articles, encoder, tmp_path / "full")
    updated = open_current(root, encoder.id, encoder.dim)
    full = open_current(tmp_path / "full", encoder.id, encoder.dim)
    texts, languages = ["where is my order", "密码"], ["en", "zh"]
    queries = encoder.encode(texts)
    assert updated.search(queries, texts, languages) == full.search(queries, texts, languages)
    assert updated.manifest.content_hash == full.manifest.content_hash


def test_update_index_without_a_change_writes_no_version(root: Path, encoder: HashEncoder) -> None:
    before = read_pointer(root)
    report = update_index(list(reversed(ARTICLES)), encoder, root)
    assert counts(report) == (0, 0, 7, 0, 0)
    assert read_pointer(root) == before
    assert report.version == before.version


def test_update_index_with_new_tags_only_embeds_nothing(root: Path, encoder: HashEncoder) -> None:
    report = update_index([replace(ARTICLES[0], tags=("login",)), *ARTICLES[1:]], encoder, root)
    assert counts(report) == (0, 1, 6, 0, 0)
    assert open_current(root, "hash@1", 32).articles["KB001", "en"].tags == ("login",)


def test_update_index_with_another_encoder_embeds_everything(root: Path) -> None:
    report = update_index(ARTICLES, HashEncoder("hash@2"), root)
    assert report.embedded == report.chunks
    assert open_current(root, "hash@2", 32).manifest.encoder_id == "hash@2"


def test_update_index_keeps_the_weights_unless_given_new_ones(root: Path, encoder: HashEncoder) -> None:
    weights = FusionWeights(0.3, 0.7, 0)
    assert update_index(ARTICLES, encoder, root, BuildOptions(weights)).embedded == 0
    update_index(ARTICLES[1:], encoder, root)
    assert open_current(root, "hash@1", 32).manifest.weights == weights


def test_update_index_without_an_index_is_an_error(tmp_path: Path, encoder: HashEncoder) -> None:
    with pytest.raises(NoIndexError, match="firstline index build"):
        update_index(ARTICLES, encoder, tmp_path)


@pytest.mark.parametrize(
    ("articles", "message"),
    [((), "no article to index"), ((ARTICLES[0], ARTICLES[0]), "KB001 is there twice")],
)
def test_build_index_of_unusable_articles_is_refused(
    root: Path, encoder: HashEncoder, articles: tuple[Article, ...], message: str
) -> None:
    before = read_pointer(root)
    with pytest.raises(UnusableInputError, match=message):
        build_index(articles, encoder, root)
    assert read_pointer(root) == before


def test_build_index_with_vectors_that_are_not_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="unit rows"):
        build_index(ARTICLES, LongEncoder(), tmp_path)


def test_build_index_with_vectors_of_another_length_is_refused(tmp_path: Path) -> None:
    encoder = HashEncoder()
    wrong = HashEncoder(dim=16)
    encoder.encode = wrong.encode  # type: ignore[method-assign]
    with pytest.raises(UnusableInputError, match="shape"):
        build_index(ARTICLES, encoder, tmp_path)


def test_build_index_while_another_runs_is_refused(root: Path, encoder: HashEncoder) -> None:
    with writing(root), pytest.raises(BusyIndexError, match="another build"):
        build_index(ARTICLES, encoder, root)


@pytest.mark.parametrize("weights", [(-0.1, 1, 0), (0, 0, 0.1)])
def test_fusion_weights_without_sense_are_refused(weights: tuple[float, float, float]) -> None:
    with pytest.raises(UnusableInputError, match="fusion weights"):
        FusionWeights(*weights)

from __future__ import annotations

from pathlib import Path

from kb_index.plan import IndexKind, IndexOptions
from kb_index.refresh import refresh_index
from kb_index.search import open_current
from kb_index.store import read_pointer
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder


def test_refresh_index_builds_the_first_version_and_then_only_what_changed(tmp_path: Path) -> None:
    encoder = HashEncoder()
    refresh_index(ARTICLES[:3], encoder, tmp_path, IndexOptions(IndexKind.HNSW))
    encoder.seen.clear()
    refresh_index(ARTICLES[:4], encoder, tmp_path, IndexOptions(IndexKind.HNSW))
    assert all("重置密码" in passage or "打开" in passage for passage in encoder.seen)
    index = open_current(tmp_path, encoder.id, encoder.dim)
    assert (len(index.articles), index.manifest.plan.kind) == (4, IndexKind.HNSW)


def test_refresh_index_of_an_index_of_another_release_builds_it_anew(tmp_path: Path) -> None:
    encoder = HashEncoder()
    refresh_index(ARTICLES, encoder, tmp_path)
    manifest = tmp_path / read_pointer(tmp_path).version / "manifest.json"
    manifest.write_text('{"format": 1}')
    refresh_index(ARTICLES, encoder, tmp_path)
    assert len(open_current(tmp_path, encoder.id, encoder.dim).articles) == len(ARTICLES)

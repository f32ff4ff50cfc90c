from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.build import BuildOptions, build_index
from kb_index.plan import IndexKind, IndexOptions
from kb_index.search import KnowledgeIndex, open_current
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def root(tmp_path: Path, encoder: HashEncoder) -> Path:
    """A folder with one version of `ARTICLES`, small enough for a flat index."""
    build_index(ARTICLES, encoder, tmp_path / "index")
    encoder.seen.clear()
    return tmp_path / "index"


@pytest.fixture(params=list(IndexKind))
def full_options(request: pytest.FixtureRequest) -> BuildOptions:
    """Each kind of index, searched so broadly that it misses nothing in a small corpus."""
    return BuildOptions(index=IndexOptions(request.param, nlist=4, nprobe=4, ef_search=500, rerank=500))


@pytest.fixture
def index(tmp_path: Path, encoder: HashEncoder, full_options: BuildOptions) -> KnowledgeIndex:
    """`ARTICLES` in an index of each kind."""
    build_index(ARTICLES, encoder, tmp_path / "of_each_kind", full_options)
    encoder.seen.clear()
    return open_current(tmp_path / "of_each_kind", encoder.id, encoder.dim)

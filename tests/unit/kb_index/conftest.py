from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.build import build_index
from kb_index.search import KnowledgeIndex, open_current
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def root(tmp_path: Path, encoder: HashEncoder) -> Path:
    """A folder with one version of `ARTICLES`."""
    build_index(ARTICLES, encoder, tmp_path / "index")
    encoder.seen.clear()
    return tmp_path / "index"


@pytest.fixture
def index(root: Path, encoder: HashEncoder) -> KnowledgeIndex:
    return open_current(root, encoder.id, encoder.dim)

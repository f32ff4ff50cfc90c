from __future__ import annotations

import pytest

from data.articles import load_articles
from data.schema import Article, LabelledTicket
from data.taxonomy import Taxonomy, load_taxonomy
from data.tickets import load_tickets


@pytest.fixture(scope="session")
def tickets() -> list[LabelledTicket]:
    return load_tickets()


@pytest.fixture(scope="session")
def articles() -> list[Article]:
    return load_articles()


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy()

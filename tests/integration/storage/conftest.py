from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.storage.batch import BatchCommitter
from serving.storage.database import Database, open_database
from serving.storage.revisions import upgrade
from serving.storage.tables import metadata
from tests.unit.serving.storage.builders import START

POSTGRES_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/test"


def _with_schema(url: str, schema: str) -> str:
    return f"{url}?options=-csearch_path%3D{schema}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a fresh schema; without a server the tests are skipped, or fail if services are required."""
    url = os.environ.get("FIRSTLINE_TEST_POSTGRES_URL", POSTGRES_URL)
    server = open_database(url)
    if not server.healthy():
        reason = f"PostgreSQL does not answer at {server.address}"
        if os.environ.get("FIRSTLINE_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    schema = f"firstline_{uuid.uuid4().hex[:12]}"
    with server.write() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    yield _with_schema(url, schema)
    with server.write() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/desk.db"
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
def empty_database(url: str) -> Iterator[Database]:
    """A database without tables."""
    database = open_database(url)
    with database.write() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    yield database
    database.close()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A database with empty tables."""
    upgrade(empty_database)
    return empty_database


@pytest.fixture
def committer(database: Database) -> BatchCommitter:
    return BatchCommitter(database, now=lambda: START)

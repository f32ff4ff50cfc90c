from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from serving.storage.database import Database, open_database
from serving.storage.errors import SchemaError
from serving.storage.revisions import check_revision, current_revision, head_revision, upgrade
from serving.storage.tables import metadata


def test_upgrade_empty_database_gives_exactly_the_tables_of_the_code(empty_database: Database) -> None:
    assert current_revision(empty_database) is None
    assert upgrade(empty_database) == head_revision() == current_revision(empty_database)
    with empty_database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_upgrade_twice_changes_nothing(database: Database) -> None:
    assert upgrade(database) == current_revision(database)


def test_upgrade_by_several_at_once_succeeds_for_all(empty_database: Database, url: str) -> None:
    failures: list[Exception] = []

    def migrate() -> None:
        other = open_database(url)
        try:
            upgrade(other)
        except Exception as error:
            failures.append(error)
        other.close()

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    check_revision(empty_database)


def test_newer_database_is_refused_with_what_to_do(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (upgrade, check_revision):
        with pytest.raises(SchemaError, match=r"'9999'.*newer version"):
            act(database)


def test_check_revision_without_tables_names_the_command(empty_database: Database) -> None:
    with pytest.raises(SchemaError, match="firstline db upgrade"):
        check_revision(empty_database)


def test_sqlite_connections_are_durable_and_check_references(database: Database) -> None:
    if database.dialect != "sqlite":
        with database.read() as connection:
            assert connection.execute(sa.text("SHOW synchronous_commit")).scalar() == "on"
        return
    with database.read() as connection:
        values = {
            name: connection.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}

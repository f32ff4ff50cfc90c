"""The version of the tables: Alembic's migrations, shipped inside the package and run by the program itself.

A new migration is drafted with ``alembic.command.revision(migration_config(connection), message,
autogenerate=True)`` and reviewed by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from serving.storage.database import Database
from serving.storage.errors import SchemaError

MIGRATIONS_DIR: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x46495253  # any number; one process migrates, the others wait


def migration_config(connection: Connection | None = None) -> Config:
    """Returns Alembic's configuration, without a file, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """Returns the revision that this version of Firstline works with."""
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    if head is None:
        raise SchemaError(f"no migration in {MIGRATIONS_DIR}; the installation is incomplete")
    return head


def current_revision(database: Database) -> str | None:
    """Returns the revision of the database, None for one without our tables."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> str:
    """Brings the tables to this version's revision, in one transaction, and returns it.

    Raises:
        SchemaError: the database was written by a newer Firstline.
    """
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _refuse_newer(MigrationContext.configure(connection).get_current_revision())
        command.upgrade(migration_config(connection), "head")
    return head_revision()


def check_revision(database: Database) -> None:
    """Returns if the tables are those of this version.

    Raises:
        SchemaError: they are older, newer, or missing; the message says what to do.
    """
    found = current_revision(database)
    _refuse_newer(found)
    if found != head_revision():
        raise SchemaError(
            f"the database is at revision {found or 'none'}, this version needs {head_revision()}; "
            "run `firstline db upgrade`"
        )


def _refuse_newer(found: str | None) -> None:
    scripts = ScriptDirectory.from_config(migration_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"the database is at revision {found!r}, which this version of Firstline does not know "
            f"(its newest is {head_revision()!r}); install the newer version or restore an older backup"
        )

"""How each article has done: learnt from ratings, read by every worker."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.records import Lesson, StandingRow
from serving.storage.rows import Row
from serving.storage.statements import insert_new

_standing = tables.article_standing.c


class StandingRepository:
    """Reads the standings of articles; `learn_standing` changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StandingRow, ...]:
        """Returns the standing of every article version that was ever rated."""
        wanted = sa.select(tables.article_standing).order_by(_standing.article_id, _standing.language)
        with self._database.read() as connection:
            return tuple(StandingRow(**row) for row in connection.execute(wanted).mappings())


def learn_standing(connection: Connection, lesson: Lesson, replaced: int | None, at: datetime) -> None:
    """Brings an article's standing up to date with one rating.

    The row is made first and then locked, so that two ratings at once are learnt one after the other.

    Args:
        connection: the rating's transaction.
        lesson: what the rating teaches.
        replaced: the ticket's earlier rating, None if this is the first.
        at: time of the rating.
    """
    insert_new(connection, tables.article_standing, [_blank(lesson, at)])
    own = sa.and_(_standing.article_id == lesson.article_id, _standing.language == lesson.language)
    known = sa.select(_standing.rate, _standing.ratings).where(own).with_for_update()
    rate, ratings = connection.execute(known).one()
    learnt = lesson.learn(rate if ratings else None, replaced)
    counted = ratings + (replaced is None or not ratings)
    connection.execute(
        sa.update(tables.article_standing).where(own).values(rate=learnt, ratings=counted, updated_at=at)
    )


def _blank(lesson: Lesson, at: datetime) -> Row:
    return {
        "article_id": lesson.article_id,
        "language": lesson.language,
        "rate": 0.0,
        "ratings": 0,
        "updated_at": at,
    }

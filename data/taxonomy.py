"""The label sets of a support desk: topics, their categories, groups and articles."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from data.errors import DataError
from data.schema import Category

DATA_DIR = Path(__file__).parent
CORPUS_DIR = DATA_DIR / "corpus"
TAXONOMY_FILE = DATA_DIR / "taxonomy.toml"


@dataclass(frozen=True, slots=True)
class Topic:
    """A fine label: tickets of one topic are resolved by one article, or by a human.

    Attributes:
        group: the row of the brief's resolution table that the topic counts under.
        article_id: None where only a human may handle it.
        wish: what a customer who writes this wants to do.
    """

    name: str
    category: Category
    group: str
    article_id: str | None
    wish: str


@dataclass(frozen=True)
class Taxonomy:
    """A closed set of topics."""

    topics: tuple[Topic, ...]

    @cached_property
    def by_name(self) -> dict[str, Topic]:
        """Topics by their name."""
        return {topic.name: topic for topic in self.topics}

    @cached_property
    def article_ids(self) -> frozenset[str]:
        """Every article a topic points to."""
        return frozenset(topic.article_id for topic in self.topics if topic.article_id)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups in the order of their first topic."""
        return tuple(dict.fromkeys(topic.group for topic in self.topics))


def load_taxonomy(path: Path = TAXONOMY_FILE) -> Taxonomy:
    """Returns the taxonomy of a TOML file with one table a topic.

    Raises:
        DataError: the file is missing, is not TOML, or a topic lacks a field or has an unknown category.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read the taxonomy {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path} is not TOML: {error}") from error
    return Taxonomy(tuple(_topic(path, name, table) for name, table in tables.items()))


def _topic(path: Path, name: str, table: dict[str, str]) -> Topic:
    try:
        return Topic(
            name=name,
            category=Category(table["category"]),
            group=table["group"],
            article_id=table.get("article"),
            wish=table["wish"],
        )
    except KeyError as error:
        raise DataError(f"{path}: topic {name!r} has no {error.args[0]!r}") from error
    except ValueError as error:
        raise DataError(f"{path}: topic {name!r}: {error}") from error

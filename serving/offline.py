"""A desk without a server or a database: what it would do, for replays and batch predictions."""

from __future__ import annotations

from dataclasses import dataclass

from kb_index.search import KnowledgeIndex, open_current
from models.bundle import Bundle
from models.champion import open_champion
from serving.orchestrator.desk import Desk, DeskPorts
from serving.settings import Settings


@dataclass(frozen=True)
class FixedIndex:
    """A knowledge source that never changes."""

    index: KnowledgeIndex

    def current(self) -> KnowledgeIndex:
        """Returns the index."""
        return self.index


@dataclass(frozen=True)
class OfflineDesk:
    """A desk and the versions it works with."""

    desk: Desk
    bundle_version: str
    index_version: str


def open_offline_desk(settings: Settings) -> OfflineDesk:
    """Returns the desk of the champion and the current index.

    Raises:
        FirstlineError: there is no champion or no index, or they do not belong together.
    """
    return assemble_desk(settings, *open_parts(settings))


def open_parts(settings: Settings) -> tuple[Bundle, KnowledgeIndex]:
    """Returns the champion and the current index, for those who look inside.

    Raises:
        FirstlineError: there is no champion or no index, or they do not belong together.
    """
    bundle = open_champion(settings.models.bundles)
    return bundle, open_current(settings.index.root, bundle.encoder.id, bundle.encoder.dim)


def assemble_desk(settings: Settings, bundle: Bundle, index: KnowledgeIndex) -> OfflineDesk:
    """Returns the desk of these models and this index."""
    articles = bundle.scorer.topic_articles.by_topic
    ports = DeskPorts(
        models=bundle,
        knowledge=FixedIndex(index),
        topic_articles=articles,
        topic_categories=bundle.topic_category,
    )
    return OfflineDesk(Desk(settings, ports), bundle.version, index.version)

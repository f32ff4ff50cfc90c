"""The composition root: from settings to an open service. Nothing else chooses an implementation."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from kb_index.holder import IndexHolder
from models.bundle import Bundle
from models.challenger import challenger_index, challenger_version, open_challenger
from models.champion import ChampionHolder
from serving.batching import BatchLimits, MicroBatcher
from serving.desk_source import DeskSource, Index, LiveDesk
from serving.domain.clock import SystemClock
from serving.domain.ids import RandomIds
from serving.domain.outcome import Outcome
from serving.front_office import FrontOffice, Work
from serving.live_standings import LiveStandings
from serving.observability.metrics import Metrics
from serving.orchestrator.desk import Desk
from serving.runtime import Parts, Runtime
from serving.settings import Settings
from serving.shadow import Shadow, ShadowPorts
from serving.storage import CommitPolicy, open_database, upgrade
from serving.ticket_store import SqlTicketStore

POLL_S = 1.0
"""How often a worker looks for a new bundle; the index holder looks as often for a new index."""


@dataclass
class Worker:
    """Everything that one worker process has open (a `serving.runtime.Assembly`).

    Attributes:
        failures: how often each part's new version could not be opened.
    """

    office: FrontOffice
    live: LiveDesk
    store: SqlTicketStore
    shadow: Shadow
    failures: Mapping[str, Callable[[], int]]
    counted: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Begins to accept tickets and to look for new versions."""
        self.store.start()
        self.live.watch(POLL_S, self.count_failures)
        self.shadow.start()

    def count_failures(self) -> None:
        """Adds to the figures what could not be reloaded since the last call."""
        for part, count in self.failures.items():
            found = count()
            self.office.metrics.reload_failures.labels(part).inc(found - self.counted.get(part, 0))
            self.counted[part] = found

    async def close(self) -> None:
        """Finishes what was accepted."""
        self.live.stop()
        self.office.desk.close()
        await asyncio.to_thread(self.shadow.stop)
        await self.store.close()


def open_runtime(settings: Settings, worker: int = 0) -> Runtime:
    """Returns the runtime of worker number `worker` (from 0); it opens when it is started."""

    def assemble(metrics: Metrics, parts: Parts) -> Worker:
        opened = open_worker(settings, worker, metrics, parts)
        spare_collector()
        return opened

    return Runtime(assemble, Metrics(), settings.service.max_body_bytes)


def open_worker(settings: Settings, worker: int, metrics: Metrics, parts: Parts) -> Worker:
    """Returns an open worker; `parts` is told as each stands.

    Raises:
        FirstlineError: something is missing or damaged; the message says what to do.
    """
    use_one_thread()
    store = _open_store(settings)
    standings = LiveStandings(store.standings)
    parts.opened("database")
    champion = ChampionHolder(settings.models.bundles, POLL_S)
    parts.opened("models")
    ids = RandomIds(worker % settings.service.workers, settings.service.workers)
    holders = _IndexOpener(settings)
    live = LiveDesk(DeskSource(settings, champion, holders.open, ids, standings), store.customers)
    live.warm_up()
    parts.opened("index")
    failures = {
        "bundle": lambda: champion.failures + live.failures,
        "index": lambda: holders.failures,
        "standings": lambda: standings.failures,
    }
    shadow = _open_shadow(settings, live, store, metrics)
    office = FrontOffice(
        lambda: live.desk, _batcher(settings, live, metrics), store, metrics, SystemClock(), shadow
    )
    return Worker(office, live, store, shadow, failures)


def use_one_thread() -> None:
    """Limits FAISS to one thread: two on busy cores took twenty times as long as one."""
    import faiss

    faiss.omp_set_num_threads(1)


def spare_collector() -> None:
    """Takes what is open by now out of the garbage collector's sight, and lets it look less often.

    Models, index and libraries are some hundred thousand objects that live as long as the worker; to look
    through them again stopped every request for 100 to 170 ms, several times a minute under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class _IndexOpener:
    """Opens the index for an encoder and remembers who counts its failures."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.index.root
        self._holders: list[IndexHolder] = []

    def open(self, bundle: Bundle) -> Index:
        holder = IndexHolder(self._root, bundle.encoder.id, bundle.encoder.dim)
        self._holders.append(holder)
        return holder

    @property
    def failures(self) -> int:
        return sum(holder.failures for holder in self._holders)


def _open_store(settings: Settings) -> SqlTicketStore:
    database = open_database(settings.database.url)
    upgrade(database)
    return SqlTicketStore(database, CommitPolicy(max_queue=settings.service.max_concurrent_tickets))


def _open_shadow(settings: Settings, live: LiveDesk, store: SqlTicketStore, metrics: Metrics) -> Shadow:
    bundles, index_root = settings.models.bundles, challenger_index(settings.index.root)

    def open_desk(version: str) -> Desk:
        return live.open_beside(
            lambda known: open_challenger(bundles, version, known),
            lambda bundle: IndexHolder(index_root, bundle.encoder.id, bundle.encoder.dim),
        )

    version = partial(challenger_version, bundles)
    return Shadow(ShadowPorts(version, open_desk, store.shadow, metrics, SystemClock()))


def _batcher(settings: Settings, live: LiveDesk, metrics: Metrics) -> MicroBatcher[Work, Outcome]:
    batch = settings.service.batch
    limits = BatchLimits(batch.max_tickets, batch.wait_ms / 1000, settings.service.max_concurrent_tickets)
    return MicroBatcher(live.handle, limits, metrics)

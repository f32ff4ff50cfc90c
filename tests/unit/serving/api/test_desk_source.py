from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from kb_index.errors import IndexStoreError
from serving import desk_source, live_standings
from serving.desk_source import DeskSource, LiveDesk
from serving.domain.ids import RandomIds
from serving.domain.ticket import Tier
from serving.front_office import Work
from serving.live_standings import LiveStandings
from serving.storage import CustomerRow, StandingRow, StorageUnavailableError
from tests.unit.serving.orchestrator.fakes import (
    NOW,
    TOPIC_ARTICLES,
    TOPIC_CATEGORIES,
    FakeKnowledge,
    FakeModels,
    message,
    shipped_settings,
    verdict,
)


@dataclass
class FakeEncoder:
    id: str = "encoder-1"


@dataclass
class FakeTopicArticles:
    by_topic: dict[str, str | None] = field(default_factory=lambda: dict(TOPIC_ARTICLES))


@dataclass
class FakeScorer:
    topic_articles: FakeTopicArticles = field(default_factory=FakeTopicArticles)


@dataclass
class FakeBundle(FakeModels):
    encoder: FakeEncoder = field(default_factory=FakeEncoder)
    scorer: FakeScorer = field(default_factory=FakeScorer)
    topic_category: dict[str, str] = field(default_factory=lambda: dict(TOPIC_CATEGORIES))


@dataclass
class FakeChampion:
    bundle: FakeBundle = field(default_factory=FakeBundle)
    fails_with: Exception | None = None

    def current(self) -> Any:
        if self.fails_with is not None:
            raise self.fails_with
        return self.bundle


@dataclass
class FakeClock:
    time: float = 100.0

    def __call__(self) -> float:
        return self.time


@dataclass
class FakeCustomers:
    rows: dict[str, CustomerRow] = field(default_factory=dict)

    def get_many(self, customer_ids: list[str]) -> dict[str, CustomerRow]:
        return {name: row for name, row in self.rows.items() if name in customer_ids}


@dataclass
class FakeStandings:
    rows: list[StandingRow] = field(default_factory=list)
    fails_with: Exception | None = None

    def all(self) -> list[StandingRow]:
        if self.fails_with is not None:
            raise self.fails_with
        return self.rows


def standing(rate: float) -> StandingRow:
    return StandingRow(article_id="KB001", language="en", rate=rate, ratings=1, updated_at=NOW)


def make_live(
    champion: FakeChampion,
    customers: FakeCustomers | None = None,
    open_index: Callable[[Any], Any] | None = None,
    standings: FakeStandings | None = None,
) -> LiveDesk:
    source = DeskSource(
        shipped_settings(),
        champion,
        open_index or (lambda _bundle: FakeKnowledge()),
        RandomIds(),
        LiveStandings(standings or FakeStandings()),
    )
    return LiveDesk(source, customers or FakeCustomers())


def test_handle_uses_the_tier_of_a_known_customer_unless_one_is_given() -> None:
    row = CustomerRow(id="CUST-001", created_at=NOW, tier="enterprise", name="Alice")
    champion = FakeChampion(FakeBundle(verdict=verdict(probability=0.1)))
    live = make_live(champion, FakeCustomers({"CUST-001": row}))
    intake = live.desk.accept(message())
    stored, given = live.handle([Work(intake, tier_is_given=False), Work(intake, tier_is_given=True)])
    assert (stored.ticket.customer.tier, stored.ticket.queue) == (Tier.ENTERPRISE, "vip_support")
    assert (given.ticket.customer.tier, given.ticket.queue) == (Tier.STANDARD, "general_support")
    assert stored.ticket.customer.name == "Alice Johnson"


def test_refresh_adopts_a_new_bundle() -> None:
    champion = FakeChampion()
    live = make_live(champion)
    before = live.desk
    live.refresh()
    assert live.desk is before
    champion.bundle = replace(champion.bundle, version="models-2")
    live.refresh()
    outcome = live.handle([Work(live.desk.accept(message()), tier_is_given=True)])[0]
    assert outcome.ticket.model_version == "models-2"


def test_refresh_keeps_the_old_desk_when_the_index_is_for_another_encoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_source, "RETRY_S", 0.0)
    usable = ["encoder-1"]

    def open_index(bundle: FakeBundle) -> FakeKnowledge:
        if bundle.encoder.id not in usable:
            raise IndexStoreError("the index was built with another encoder: run 'firstline index build'")
        return FakeKnowledge()

    champion = FakeChampion()
    live = make_live(champion, open_index=open_index)
    before = live.desk
    champion.bundle = FakeBundle(version="models-2", encoder=FakeEncoder("encoder-2"))
    live.refresh()
    assert (live.desk, live.failures) == (before, 1)
    usable.append("encoder-2")
    live.refresh()
    assert live.desk is not before


def test_article_whose_rate_fell_is_used_no_more_after_a_refresh_and_again_after_it_rose() -> None:
    source = FakeStandings([standing(0.9)])
    clock = FakeClock()
    standings = LiveStandings(source, clock)
    live = LiveDesk(
        DeskSource(shipped_settings(), FakeChampion(), lambda _: FakeKnowledge(), RandomIds(), standings),
        FakeCustomers(),
    )

    def answers() -> bool:
        work = Work(live.desk.accept(message()), tier_is_given=True)
        return live.handle([work])[0].ticket.auto_resolved

    assert answers()
    source.rows = [standing(0.7)]
    standings.refresh()
    assert answers(), "the snapshot is still young"
    clock.time += live_standings.EVERY_S
    standings.refresh()
    assert not answers()
    source.rows = [standing(0.76)]
    clock.time += live_standings.EVERY_S
    standings.refresh()
    assert answers()


def test_standings_stay_when_the_database_is_away() -> None:
    source = FakeStandings([standing(0.7)])
    clock = FakeClock()
    standings = LiveStandings(source, clock)
    source.fails_with = StorageUnavailableError("away")
    clock.time += live_standings.EVERY_S
    standings.refresh()
    assert (dict(standings), len(standings), standings.failures) == ({("KB001", "en"): 0.7}, 1, 1)


def test_watcher_outlives_a_look_that_goes_wrong() -> None:
    champion = FakeChampion()
    live = make_live(champion)
    looked = threading.Event()
    champion.fails_with = OSError("the disk is gone")
    live.watch(0.01, looked.set)
    assert looked.wait(5)
    champion.fails_with = None
    champion.bundle = replace(champion.bundle, version="models-2")
    before = live.desk
    for _ in range(500):
        if live.desk is not before:
            break
        looked.clear()
        assert looked.wait(5)
    live.stop()
    assert live.desk is not before
    assert live.failures > 0

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from serving import shadow as module
from serving.domain.outcome import Outcome
from serving.orchestrator.desk import Desk
from serving.shadow import Shadow, ShadowPorts
from serving.storage import ShadowRow, StorageUnavailableError
from tests.unit.serving.orchestrator.fakes import FakeModels, FixedClock, make_desk, message, reading, verdict

TEXTS = ("I want my money back", "返金してください", "Ich möchte mein Geld zurück", "我要退款")


@dataclass
class FakeStore:
    rows: list[ShadowRow] = field(default_factory=list)
    fails: int = 0

    def add(self, rows: Sequence[ShadowRow]) -> None:
        if self.fails:
            self.fails -= 1
            raise StorageUnavailableError("the database is away")
        self.rows += rows


@dataclass
class Counted:
    counts: dict[str, int] = field(default_factory=dict)

    def shadowed(self, outcome: str, count: int) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + count


@dataclass
class Stage:
    """A champion, and a shadow whose challenger the test chooses."""

    version: str | None = "models-2"
    store: FakeStore = field(default_factory=FakeStore)
    counted: Counted = field(default_factory=Counted)
    champion: Desk = field(default_factory=make_desk)
    opened: list[str] = field(default_factory=list)
    challenger: Callable[[str], Desk] = lambda version: make_desk(
        FakeModels(reading("ja", "returns", "refund_request"), verdict(probability=0.2), version)
    )
    shadow: Shadow = field(init=False)

    def __post_init__(self) -> None:
        def open_desk(version: str) -> Desk:
            self.opened.append(version)
            return self.challenger(version)

        ports = ShadowPorts(lambda: self.version, open_desk, self.store, self.counted, FixedClock())
        self.shadow = Shadow(ports)

    def handle(self, texts: Sequence[str] = TEXTS) -> list[Outcome]:
        intakes = [self.champion.accept(message(text)) for text in texts]
        outcomes = self.champion.handle(intakes)
        for intake, outcome in zip(intakes, outcomes, strict=True):
            self.shadow.offer(intake, outcome)
        return outcomes


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    monkeypatch.setattr(module, "RETRY_S", 0.02)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within ten seconds"
        time.sleep(0.005)


def started(stage: Stage) -> Stage:
    stage.shadow.start()
    wait_for(lambda: stage.opened)
    wait_for(lambda: stage.shadow._version == stage.version)
    return stage


def test_shadow_stores_what_both_did_and_acts_on_nothing(stage: Stage) -> None:
    outcomes = started(stage).handle()
    wait_for(lambda: len(stage.store.rows) == len(TEXTS))
    stage.shadow.stop()
    row = stage.store.rows[1]
    assert (row.ticket_id, row.champion, row.challenger) == (outcomes[1].ticket.id, "models-1", "models-2")
    assert (row.champion_reading["action"], row.challenger_reading["action"]) == ("auto_resolve", "route")
    assert row.challenger_reading["topic"] == "refund_request"
    assert row.champion_reading["topic"] == "password_reset"
    assert row.challenger_reading["probability"] == 0.2
    assert stage.counted.counts == {"scored": len(TEXTS)}


def test_shadow_without_a_challenger_keeps_nothing(stage: Stage) -> None:
    stage.version = None
    stage.shadow.start()
    stage.handle()
    stage.shadow.stop()
    assert (stage.store.rows, stage.opened, stage.counted.counts) == ([], [], {})


def test_shadow_challenger_that_became_champion_is_not_compared_with_itself(stage: Stage) -> None:
    stage.version = "models-1"
    started(stage).handle()
    stage.shadow.stop()
    assert stage.store.rows == []


def test_shadow_new_challenger_takes_over_and_a_dismissed_one_stops(stage: Stage) -> None:
    started(stage).handle(TEXTS[:1])
    wait_for(lambda: stage.store.rows)
    stage.version = "models-3"
    wait_for(lambda: stage.shadow._version == "models-3")
    stage.handle(TEXTS[:1])
    wait_for(lambda: len(stage.store.rows) == 2)
    assert [row.challenger for row in stage.store.rows] == ["models-2", "models-3"]
    stage.version = None
    wait_for(lambda: stage.shadow._desk is None)
    stage.handle()
    stage.shadow.stop()
    assert len(stage.store.rows) == 2


def test_shadow_challenger_that_cannot_be_opened_is_tried_again(stage: Stage) -> None:
    healthy, broken = stage.challenger, [True, True]

    def open_desk(version: str) -> Desk:
        if broken:
            broken.pop()
            raise RuntimeError("damaged")
        return healthy(version)

    stage.challenger = open_desk
    started(stage).handle()
    wait_for(lambda: len(stage.store.rows) == len(TEXTS))
    stage.shadow.stop()
    assert stage.counted.counts == {"failed": 2, "scored": len(TEXTS)}


def test_shadow_batch_that_fails_is_counted_and_the_next_is_read(stage: Stage) -> None:
    stage.store.fails = 1
    started(stage).handle(TEXTS[:1])
    wait_for(lambda: stage.counted.counts.get("failed"))
    stage.handle(TEXTS[1:2])
    wait_for(lambda: stage.store.rows)
    stage.shadow.stop()
    assert stage.counted.counts == {"failed": 1, "scored": 1}


def test_shadow_that_falls_behind_drops_and_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 2)
    gate, entered, healthy = threading.Event(), threading.Event(), stage.store.add

    def slow(rows: Sequence[ShadowRow]) -> None:
        entered.set()
        gate.wait(10)
        healthy(rows)

    stage.store.add = slow  # type: ignore[method-assign]
    started(stage).handle(TEXTS[:1])
    assert entered.wait(10)
    stage.handle(TEXTS)
    gate.set()
    wait_for(lambda: len(stage.store.rows) == 3)
    stage.shadow.stop()
    assert stage.counted.counts == {"dropped": 2, "scored": 3}

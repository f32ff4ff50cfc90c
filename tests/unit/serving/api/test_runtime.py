from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from models.errors import BundleError
from serving import runtime
from serving.api.problems import ProblemError
from serving.front_office import FrontOffice
from serving.observability.metrics import Metrics
from serving.runtime import Parts, Runtime
from tests.unit.serving.api.fakes import make_service


@dataclass
class FakeAssembly:
    office: FrontOffice = field(default_factory=lambda: make_service().running.front_office)
    log: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.log.append("started")

    async def close(self) -> None:
        self.log.append("closed")


@dataclass
class Opener:
    """Fails `failures` times, then opens."""

    failures: int
    assembly: FakeAssembly = field(default_factory=FakeAssembly)

    def __call__(self, _metrics: Metrics, parts: Parts) -> FakeAssembly:
        parts.opened("database")
        if self.failures:
            self.failures -= 1
            raise BundleError("no champion: run 'firstline train all' first")
        parts.opened("models")
        parts.opened("index")
        return self.assembly


async def until_open(running: Runtime) -> None:
    for _ in range(200):
        try:
            await running.office()
        except ProblemError:
            await asyncio.sleep(0.01)
        else:
            return
    raise TimeoutError


def test_runtime_opens_serves_and_closes() -> None:
    opener = Opener(0)

    async def live() -> None:
        running = Runtime(opener, Metrics(), 10)
        assert set(running.parts().values()) == {"is being opened"}
        running.start()
        await until_open(running)
        assert set(running.parts().values()) == {"open"}
        await running.stop()
        with pytest.raises(ProblemError):
            await running.office()

    asyncio.run(live())
    assert opener.assembly.log == ["started", "closed"]


def test_runtime_that_lacks_something_says_what_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "RETRY_S", 0.05)

    async def live() -> None:
        running = Runtime(Opener(2), Metrics(), 10)
        running.start()
        with pytest.raises(ProblemError, match="run 'firstline train all' first") as caught:
            await running.office()
        assert caught.value.status_code == 503
        assert running.parts() == {
            "database": "open",
            "models": "no champion: run 'firstline train all' first",
            "index": "is being opened",
        }
        await until_open(running)
        await running.stop()

    asyncio.run(live())


def test_request_waits_for_a_worker_that_has_just_started() -> None:
    opener = Opener(0)

    async def live() -> FrontOffice:
        running = Runtime(opener, Metrics(), 10)
        running.start()
        return await running.office()

    assert asyncio.run(live()) is opener.assembly.office


def test_runtime_reports_a_database_that_went_away() -> None:
    service = make_service()
    service.store.up = False
    opener = Opener(0, FakeAssembly(service.running.front_office))

    async def live() -> None:
        running = Runtime(opener, Metrics(), 10)
        running.start()
        await until_open(running)
        assert running.parts()["database"] == "does not answer"
        await running.stop()

    asyncio.run(live())

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.service.process import ServiceProcess
from tests.integration.service.untrained import build_var


@pytest.fixture(scope="session")
def untrained_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle and an index; copy it before writing to it."""
    folder = tmp_path_factory.mktemp("untrained")
    build_var(folder)
    return folder


@pytest.fixture(scope="module")
def service(untrained_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The running service with two workers."""
    yield from _running(untrained_var, tmp_path_factory.mktemp("service") / "var")


@pytest.fixture
def own_service(
    request: pytest.FixtureRequest, untrained_var: Path, tmp_path: Path
) -> Iterator[ServiceProcess]:
    """A running service that the test may break; two workers unless the test asks for another number."""
    yield from _running(untrained_var, tmp_path / "var", getattr(request, "param", 2))


@pytest.fixture
def spawned(tmp_path: Path) -> Iterator[Callable[..., ServiceProcess]]:
    """Starts services on empty folders and ends them."""
    started: list[ServiceProcess] = []

    def spawn(**options: object) -> ServiceProcess:
        process = ServiceProcess(tmp_path, **options)  # type: ignore[arg-type]
        process.spawn()
        started.append(process)
        return process

    yield spawn
    for process in started:
        process.kill()


def _running(source: Path, var: Path, workers: int = 2) -> Iterator[ServiceProcess]:
    shutil.copytree(source, var)
    process = ServiceProcess(var, workers)
    try:
        process.start()
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()

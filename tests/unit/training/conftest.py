from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.training.toy import ToyDesk

if TYPE_CHECKING:
    from serving.settings import Settings
    from tests.unit.training.registrar import Registered, Registrar
    from training.pipeline import PipelineConfig, TrainedRun


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Toy batches are too small to share: more threads only wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.pipeline._limit_threads", lambda: None)
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def config(tmp_path_factory: pytest.TempPathFactory) -> PipelineConfig:
    """What a run on the toy corpus is told."""
    return ToyDesk(tmp_path_factory.mktemp("toy")).write()


@pytest.fixture(scope="package")
def run(config: PipelineConfig) -> TrainedRun:
    """A finished run on the toy corpus."""
    from training.pipeline import train

    return train(config)


@pytest.fixture(scope="package")
def registered(
    run: TrainedRun, config: PipelineConfig, tmp_path_factory: pytest.TempPathFactory
) -> Registered:
    """Four toy bundles in a registry of their own."""
    from tests.unit.training.registrar import register_toys

    return register_toys(run.bundle, tmp_path_factory.mktemp("registry"), config.tickets)


@pytest.fixture
def settings(registered: Registered, tmp_path: Path) -> Settings:
    """The shipped settings with that registry, where nothing is served yet."""
    from serving.settings import load_settings
    from serving.settings.load import SHIPPED_FILE

    environ = {"FIRSTLINE_VAR": str(tmp_path), "MLFLOW_TRACKING_URI": registered.uri}
    return load_settings(SHIPPED_FILE, environ)


@pytest.fixture
def registrar(settings: Settings, registered: Registered, config: PipelineConfig) -> Iterator[Registrar]:
    """Someone who promotes; ``good`` is the challenger."""
    from tests.unit.training.registrar import Registrar
    from training.registry import CHALLENGER, CHAMPION, MODEL_NAME

    made = Registrar(settings, registered, config)
    made.client.set_registered_model_alias(MODEL_NAME, CHALLENGER, registered.numbers["good"])
    yield made
    made.client.delete_registered_model_alias(MODEL_NAME, CHAMPION)

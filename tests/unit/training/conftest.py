from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.unit.training.toy import ToyDesk

if TYPE_CHECKING:
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

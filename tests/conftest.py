"""What behaviour and service tests share: one trained desk a session."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.bundle import Bundle
from serving.offline import OfflineDesk, open_offline_desk
from serving.settings import Settings, load_settings
from serving.settings.load import SHIPPED_FILE

TRAINED_VAR = "TEST_FIRSTLINE_VAR"
"""Environment variable that names a folder to train into once and to use again, for work on the tests."""


TRAINING_S = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives the first test that needs the trained desk the time to train it."""
    for item in items:
        if "trained_var" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(TRAINING_S))


@dataclass(frozen=True)
class Champion:
    """The desk that ``firstline train all`` makes of the shipped corpus.

    Attributes:
        var: folder that ``FIRSTLINE_VAR`` may name; holds ``bundles/`` and ``index/``.
    """

    var: Path
    settings: Settings
    opened: OfflineDesk
    bundle: Bundle


@pytest.fixture(scope="session")
def trained_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a champion and its index."""
    named = os.environ.get(TRAINED_VAR)
    var = Path(named) if named else tmp_path_factory.mktemp("var")
    if not (var / "bundles" / "CHAMPION").exists():
        _train(_settings(var))
    return var


@pytest.fixture(scope="session")
def champion(trained_var: Path) -> Champion:
    """The trained desk, open."""
    from models.champion import open_champion

    settings = _settings(trained_var)
    return Champion(
        trained_var, settings, open_offline_desk(settings), open_champion(settings.models.bundles)
    )


def _settings(var: Path) -> Settings:
    return load_settings(SHIPPED_FILE, {"FIRSTLINE_VAR": str(var)})


def _train(settings: Settings) -> None:
    from data.articles import load_articles
    from kb_index.refresh import refresh_index
    from models.champion import install
    from training.commands.train import pipeline_config
    from training.pipeline import PARTS, train

    run = train(pipeline_config(settings, PARTS, None, None, None, 13))
    settings.models.bundles.mkdir(parents=True, exist_ok=True)
    install(run.folder, settings.models.bundles, run.bundle.version)
    refresh_index(load_articles(), run.bundle.encoder, settings.index.root)

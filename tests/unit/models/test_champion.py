from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import pytest

from models.bundle import MANIFEST_FILE, WEIGHTS_FILE, save_bundle
from models.champion import KEPT, POINTER, ChampionHolder, champion_version, install, open_champion
from models.errors import BundleError
from tests.unit.models.tiny import TEXTS, tiny_bundle, tiny_encoder


@pytest.fixture(autouse=True)
def _tiny_is_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bundles of these tests name the encoder ``tiny``; it lies where the working directory is."""
    tiny_encoder().save(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)


def make(root: Path, seed: int) -> str:
    """Installs another bundle and returns its version."""
    folder = root.parent / f"made-{seed}"
    version = save_bundle(tiny_bundle(seed=seed), folder)
    install(folder, root, version)
    return version


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bundles").mkdir()
    return tmp_path / "bundles"


def test_install_bundle_becomes_the_champion(root: Path) -> None:
    version = make(root, 1)
    assert champion_version(root) == version
    assert open_champion(root).version == version
    assert open_champion(root).read(TEXTS[:1], [None])[0].language == "en"


def test_install_leaves_no_partial_file(root: Path) -> None:
    version = make(root, 1)
    assert {path.name for path in root.iterdir()} == {version, POINTER}


def test_install_copy_that_fails_leaves_the_old_champion(root: Path) -> None:
    version = make(root, 1)
    with pytest.raises(OSError, match="missing"):
        install(root.parent / "missing", root, "new")
    assert champion_version(root) == version
    assert open_champion(root).version == version


def test_install_interrupted_copy_is_made_again(root: Path) -> None:
    folder = root.parent / "made"
    version = save_bundle(tiny_bundle(seed=3), folder)
    partial = root / f".{version}.partial"
    partial.mkdir()
    (partial / "junk").write_text("half")
    install(folder, root, version)
    assert {path.name for path in (root / version).iterdir()} == {MANIFEST_FILE, WEIGHTS_FILE}


def test_install_earlier_version_rolls_back(root: Path) -> None:
    first, second = make(root, 1), make(root, 2)
    assert champion_version(root) == second
    install(root / first, root, first)
    assert open_champion(root).version == first


def test_install_many_versions_keeps_the_newest_and_the_champion(root: Path) -> None:
    versions = []
    for seed in range(KEPT + 3):
        versions.append(make(root, seed))
        os.utime(root / versions[-1], (1_000 + seed, 1_000 + seed))
    oldest = root / versions[-KEPT]
    assert oldest.exists()
    assert not (root / versions[0]).exists()
    install(oldest, root, versions[-KEPT])
    folders = {path.name for path in root.iterdir() if path.is_dir()}
    assert len(folders) == KEPT
    assert versions[-KEPT] in folders
    assert open_champion(root).version == versions[-KEPT]


def test_open_champion_nothing_trained_says_what_to_do(root: Path) -> None:
    with pytest.raises(BundleError, match="firstline train all"):
        open_champion(root)


@pytest.mark.parametrize("name", ["../elsewhere", "/etc", ".hidden", ""])
def test_open_champion_pointer_out_of_the_folder_is_refused(root: Path, name: str) -> None:
    (root / POINTER).write_text(name)
    with pytest.raises(BundleError):
        open_champion(root)


def test_current_new_champion_is_picked_up(root: Path) -> None:
    first = make(root, 1)
    holder = ChampionHolder(root, poll_seconds=0)
    held = holder.current()
    second = make(root, 2)
    assert (held.version, holder.current().version) == (first, second)
    assert held.read(TEXTS[:1], [None])  # readers of the old one are not disturbed


def test_current_within_the_poll_interval_does_not_look(root: Path) -> None:
    first = make(root, 1)
    holder = ChampionHolder(root, poll_seconds=3_600)
    make(root, 2)
    assert holder.current().version == first


def test_current_broken_new_champion_keeps_the_old_and_counts(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = make(root, 1)
    holder = ChampionHolder(root, poll_seconds=0)
    second = make(root, 2)
    (root / second / WEIGHTS_FILE).write_bytes(b"broken")
    with caplog.at_level(logging.ERROR):
        assert holder.current().version == first
    assert holder.failures == 1
    assert "cannot be served" in caplog.text
    assert holder.current().version == first
    assert holder.failures == 1  # the same broken one is not tried again


def test_current_damaged_encoder_of_a_new_champion_keeps_the_old(root: Path) -> None:
    """The encoder cannot be opened: a model error, but not one of the bundle."""
    first = make(root, 1)
    holder = ChampionHolder(root, poll_seconds=0)
    make(root, 2)
    (root.parent / "tiny" / "tokenizer.model").unlink()
    assert holder.current().version == first
    assert holder.failures == 1


def test_current_after_a_broken_one_a_good_one_is_served(root: Path) -> None:
    make(root, 1)
    holder = ChampionHolder(root, poll_seconds=0)
    second = make(root, 2)
    (root / second / MANIFEST_FILE).write_text("{")
    holder.current()
    third = make(root, 3)
    assert (holder.current().version, holder.failures) == (third, 1)


def test_current_many_threads_always_get_a_whole_bundle(root: Path) -> None:
    known = {make(root, 1)}
    holder = ChampionHolder(root, poll_seconds=0)
    seen: list[str] = []

    def read() -> None:
        for _ in range(30):
            bundle = holder.current()
            bundle.read(TEXTS[:2], ["de", None])
            seen.append(bundle.version)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    known |= {make(root, 2), make(root, 3)}
    for thread in threads:
        thread.join()
    assert len(seen) == 120
    assert set(seen) <= known
    assert holder.failures == 0

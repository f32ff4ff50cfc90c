from __future__ import annotations

from pathlib import Path

import pytest

from models.bundle import save_bundle
from models.challenger import challenge, challenger_version, dismiss, open_challenger
from models.champion import KEPT, champion_version, install
from models.errors import BundleError
from tests.unit.models.tiny import TEXTS, tiny_bundle, tiny_encoder


@pytest.fixture(autouse=True)
def _tiny_is_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tiny_encoder().save(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bundles").mkdir()
    return tmp_path / "bundles"


def made(root: Path, seed: int) -> tuple[Path, str]:
    folder = root.parent / f"made-{seed}"
    return folder, save_bundle(tiny_bundle(seed=seed), folder)


def test_challenge_leaves_the_champion_alone(root: Path) -> None:
    first, second = made(root, 1), made(root, 2)
    install(first[0], root, first[1])
    challenge(second[0], root, second[1])
    assert champion_version(root) == first[1]
    assert challenger_version(root) == second[1]


def test_open_challenger_same_encoder_is_shared_and_reads_alike(root: Path) -> None:
    folder, version = made(root, 1)
    challenge(folder, root, version)
    known = tiny_encoder()
    opened = open_challenger(root, version, known)
    assert opened.encoder is known
    assert opened.read(TEXTS[6:8], [None, None])[0].language == "ja"


def test_dismiss_ends_it_and_says_whether_there_was_one(root: Path) -> None:
    folder, version = made(root, 1)
    challenge(folder, root, version)
    assert (dismiss(root), dismiss(root)) == (True, False)
    assert challenger_version(root) is None


def test_challenger_stays_however_many_champions_follow(root: Path) -> None:
    folder, version = made(root, 0)
    challenge(folder, root, version)
    for seed in range(1, KEPT + 3):
        newer, its_version = made(root, seed)
        install(newer, root, its_version)
    assert (root / version).is_dir()


@pytest.mark.parametrize("named", ["../elsewhere", ".hidden", ""])
def test_challenger_pointer_that_names_no_version_is_refused(root: Path, named: str) -> None:
    (root / "CHALLENGER").write_text(named, encoding="utf-8")
    with pytest.raises(BundleError, match="not a version"):
        challenger_version(root)

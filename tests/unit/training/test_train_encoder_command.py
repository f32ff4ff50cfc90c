from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.errors import DataError
from models.encoder import open_encoder
from tests.unit.training.fake_teacher import FakeTeacher
from training import teacher
from training.cli import app

PAIRS = "where is my order\t注文はどこですか\ni forgot my password\tパスワードを忘れました\n" * 8
CONFIG = """
work = "{folder}/work"
output = "{folder}/encoder"
vocabulary = 120
bigrams = 10
[distillation]
dim = 16
epochs = 1
batch_size = 8
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(teacher, "_load", lambda name: FakeTeacher())
    (tmp_path / "text" / "parallel").mkdir(parents=True)
    with gzip.open(tmp_path / "text" / "parallel" / "en-ja.tsv.gz", "wt", encoding="utf-8") as file:
        file.write(PAIRS)
    (tmp_path / "text" / "parallel" / "dev.tsv").write_text(
        "ja\twhere is my order\t注文はどこですか\tx\n", encoding="utf-8"
    )
    (tmp_path / "own.de.txt").write_text("die lampe brummt\n", encoding="utf-8")
    (tmp_path / "c.toml").write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    return tmp_path


def invoke(folder: Path, *options: str) -> str:
    command = ["train", "encoder", "--config-file", str(folder / "c.toml"), "--no-corpus", *options]
    return CliRunner().invoke(app, command, catch_exceptions=False).stdout


def test_train_encoder_file_and_options_give_an_encoder_and_its_configuration(folder: Path) -> None:
    text, own = str(folder / "text"), str(folder / "own.de.txt")
    printed = invoke(folder, "--parallel", text, "--own", own, "--epochs", "2")
    assert "16 dimensions" in printed
    assert "ja → en, accuracy@1 on held-out pairs: 1.000" in printed
    assert open_encoder(str(folder / "encoder")).dim == 16
    saved = (folder / "encoder" / "training.toml").read_text(encoding="utf-8")
    assert "epochs = 2" in saved
    assert 'corpus = ""' in saved


def test_train_encoder_without_parallel_text_says_how_to_name_it(folder: Path) -> None:
    with pytest.raises(DataError, match="--parallel"):
        invoke(folder)


def test_train_encoder_unknown_key_is_refused(folder: Path) -> None:
    (folder / "c.toml").write_text("epochs = 3\n")
    with pytest.raises(DataError, match=r"c.toml: unknown key 'epochs'"):
        invoke(folder, "--parallel", str(folder / "text"))

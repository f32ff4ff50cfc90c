from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.errors import DataError
from data.taxonomy import CORPUS_DIR
from models.encoder import DEFAULT_ENCODER, ENCODERS_DIR
from training.distillation import DistillationConfig
from training.encoder_config import EncoderConfig, resolve_config, write_config


def test_write_config_read_again_gives_the_same(tmp_path: Path) -> None:
    config = EncoderConfig(
        parallel=Path("text"),
        own=Path("unser/text"),
        name="laden-店",
        noise_share=0.0,
        distillation=DistillationConfig(epochs=9, rate=0.02),
    )
    for one in (config, replace(config, corpus=None, own=None, tokenizer=Path("t.model"))):
        write_config(one, tmp_path / "training.toml")
        assert resolve_config(tmp_path / "training.toml", {}) == one


def test_resolve_config_shipped_encoder_can_be_trained_again() -> None:
    config = resolve_config(ENCODERS_DIR / DEFAULT_ENCODER / "training.toml", {})
    assert (config.name, config.corpus) == (DEFAULT_ENCODER, CORPUS_DIR)
    assert config.tokenizer == Path("models/encoders/firstline-static/tokenizer.model")


def test_resolve_config_options_override_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('parallel = "a"\nbits = 8\n[distillation]\nepochs = 2\nrate = 1\n')
    config = resolve_config(path, {"parallel": Path("b"), "epochs": 7, "corpus": ""})
    assert (config.parallel, config.bits, config.corpus) == (Path("b"), 8, None)
    assert config.distillation == DistillationConfig(epochs=7, rate=1.0)


def test_resolve_config_options_alone_are_enough() -> None:
    config = resolve_config(None, {"parallel": Path("b")})
    assert (config.corpus, config.output) == (CORPUS_DIR, Path("var/encoder/firstline-static"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("parallel = 'a'\nepoch = 3", "unknown key 'epoch'"),
        ("parallel = 'a'\n[distillation]\nspeed = 3", r"\[distillation\]: unknown key 'speed'"),
        ("parallel = 'a'\nbits = 'four'", "bits = 'four' should be a whole number"),
        ("parallel = 'a'\nbits = true", "bits = True should be a whole number"),
        ("parallel = 'a'\nwork = 3", "work = 3 should be a path"),
        ("parallel = 'a'\ndistillation = 3", "distillation is a table"),
        ("parallel =", "not a configuration"),
        ("bits = 4", "--parallel"),
    ],
)
def test_resolve_config_bad_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        resolve_config(path, {})

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.static_encoder import StaticEncoder
from tests.unit.training.fake_teacher import FakeTeacher
from training import encoder as training_encoder
from training import teacher
from training.distillation import DistillationConfig
from training.encoder import EncoderConfig, bitext_accuracy, read_text, train_encoder

PAIRS = {
    "de": {
        "where is my order": "wo ist meine bestellung",
        "i forgot my password": "ich habe mein passwort vergessen",
        "please send the invoice": "bitte senden sie die rechnung",
        "the lamp is broken": "die lampe ist kaputt",
    },
    "ja": {
        "where is my order": "注文はどこですか",
        "i forgot my password": "パスワードを忘れました",
        "please send the invoice": "請求書を送ってください",
        "the lamp is broken": "ランプが壊れています",
    },
}


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTeacher:
    model = FakeTeacher()
    monkeypatch.setattr(teacher, "_load", lambda name: model)
    return model


@pytest.fixture
def config(tmp_path: Path) -> EncoderConfig:
    (tmp_path / "text" / "parallel").mkdir(parents=True)
    for language, pairs in PAIRS.items():
        with gzip.open(
            tmp_path / "text" / "parallel" / f"en-{language}.tsv.gz", "wt", encoding="utf-8"
        ) as file:
            file.writelines(f"{english}\t{other}\n" for english, other in pairs.items() for _ in range(6))
    return EncoderConfig(
        parallel=tmp_path / "text",
        corpus=None,
        work=tmp_path / "work",
        output=tmp_path / "encoder",
        name="toy",
        vocabulary=220,
        distillation=DistillationConfig(dim=16, epochs=30, batch_size=16, rate=0.05),
    )


def test_train_encoder_toy_text_finds_translations_and_is_saved(
    config: EncoderConfig, tmp_path: Path
) -> None:
    encoder = train_encoder(config)
    assert StaticEncoder.load(config.output).id == encoder.id
    held_out = tmp_path / "dev.tsv"
    held_out.write_text(
        "".join(
            f"{code}\t{en}\t{other}\tsource\n" for code, pairs in PAIRS.items() for en, other in pairs.items()
        ),
        encoding="utf-8",
    )
    assert bitext_accuracy(encoder, held_out) == {"de": 1.0, "ja": 1.0}


def test_train_encoder_started_again_reuses_every_step(
    config: EncoderConfig, fake: FakeTeacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train_encoder(config)
    fake.seen.clear()
    monkeypatch.setattr(training_encoder, "train_tokenizer", lambda *_: pytest.fail("trained again"))
    assert train_encoder(config).id == first.id
    assert fake.seen == []


def test_read_text_teacher_share_is_cut_and_stable(config: EncoderConfig) -> None:
    whole = read_text(config)
    assert sorted(whole.taught) == sorted(PAIRS["de"])
    cut = read_text(replace(config, taught=2))
    assert cut.taught == whole.taught[:2]


def test_train_encoder_rows_are_unit_vectors(config: EncoderConfig) -> None:
    vectors = train_encoder(replace(config, distillation=replace(config.distillation, epochs=1))).encode(
        ["注文はどこですか", "wo ist meine bestellung"]
    )
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataError
from models.static_encoder import StaticEncoder
from tests.unit.models.tiny import tiny_tokenizer
from tests.unit.training.fake_teacher import FakeTeacher
from training import encoder as training_encoder
from training import teacher
from training.distillation import DistillationConfig
from training.encoder import bitext_accuracy, read_text, train_encoder
from training.encoder_config import EncoderConfig, resolve_config

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
        bigrams=30,
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


def test_train_encoder_saves_its_configuration_beside_the_weights(config: EncoderConfig) -> None:
    config = replace(config, bits=8, distillation=replace(config.distillation, epochs=1))
    encoder = train_encoder(config)
    assert resolve_config(config.output / "training.toml", {}) == config
    assert (encoder.table.bits, len(encoder.bigrams)) == (8, 30)


def test_train_encoder_another_noise_does_not_reuse_the_old_student(config: EncoderConfig) -> None:
    config = replace(config, distillation=replace(config.distillation, epochs=1))
    first = train_encoder(config)
    assert train_encoder(replace(config, noise_share=1.0)).id != first.id


def test_train_encoder_given_tokenizer_is_kept(config: EncoderConfig, tmp_path: Path) -> None:
    path = tmp_path / "given.model"
    path.write_bytes(tiny_tokenizer())
    config = replace(config, tokenizer=path, distillation=replace(config.distillation, epochs=1))
    assert train_encoder(config).tokenizer_model == tiny_tokenizer()
    path.write_bytes(b"broken")
    with pytest.raises(DataError, match="not a SentencePiece model"):
        train_encoder(config)


def test_train_encoder_own_text_joins_in(config: EncoderConfig, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "pairs.tsv").write_text("zh\tthe lamp is broken\t台灯坏了\n" * 8, encoding="utf-8")
    (own / "shop.en.txt").write_text("our lamp hums at night\n", encoding="utf-8")
    (own / "shop.de.txt").write_text("unsere lampe brummt nachts\n" * 3, encoding="utf-8")
    config = replace(config, own=own, vocabulary=300)
    text = read_text(config)
    assert text.taught[0] == "our lamp hums at night"
    assert {pair.language for pair in text.pairs} == {"de", "ja", "zh"}
    assert [row.language for row in text.plain] == ["de"] * 3
    chinese, lamp, password = train_encoder(config).encode(
        ["台灯坏了", "the lamp is broken", "i forgot my password"]
    )
    assert chinese @ lamp > chinese @ password + 0.2


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

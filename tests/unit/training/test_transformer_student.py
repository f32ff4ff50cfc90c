"""The real trainer of sentence-transformers on a tiny student: it learns, goes on after a kill, and is used by name."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataError
from models.encoder import open_encoder, unit_rows
from models.head_kinds import Precision
from models.static_encoder import StaticEncoder
from models.transformer_encoder import TransformerEncoder
from tests.unit.models.tiny import DIM, tiny_encoder
from tests.unit.models.tiny_transformer import tiny_sentence_transformer
from tests.unit.training.fake_teacher import FakeTeacher
from training import teacher
from training.encoder import train_encoder
from training.encoder_config import EncoderConfig, resolve_config
from training.errors import TrainingError
from training.parallel_text import Pair
from training.transformer_student import (
    StudentKind,
    StudentText,
    TransformerConfig,
    choose_pairs,
    train_student,
    turn_towards,
)

PAIRS = {
    "where is my order": {
        "de": "wo ist meine bestellung",
        "ja": "注文した商品はどこですか",
        "zh": "我的订单在哪里",
    },
    "i forgot my password": {"de": "passwort vergessen", "ja": "パスワードを忘れました", "zh": "忘记密码"},
    "i want my money back": {"de": "ich will mein geld", "ja": "返金してください", "zh": "我要退款"},
    "i cannot log in": {"de": "ich kann nicht hinein", "ja": "ログインできません", "zh": "无法登录"},
}


def text(dim: int = DIM) -> StudentText:
    pairs = [Pair(en, other, code, support=True) for en, row in PAIRS.items() for code, other in row.items()]
    goals = np.linalg.qr(np.random.default_rng(0).standard_normal((dim, dim)))[0][: len(PAIRS)]
    return StudentText(list(PAIRS), goals.astype(np.float32), pairs)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "tiny"
    tiny_encoder().save(folder)
    return folder


@pytest.fixture
def config(words: Path) -> TransformerConfig:
    return TransformerConfig(
        words=str(words),
        layers=2,
        hidden=DIM,
        attention_heads=2,
        max_length=32,
        epochs=40,
        batch_size=4,
        rate=5e-3,
    )


def translations_found(encoder: TransformerEncoder) -> dict[str, float]:
    english = encoder.encode(list(PAIRS))
    found = {}
    for code in ("de", "ja", "zh"):
        nearest = (encoder.encode([row[code] for row in PAIRS.values()]) @ english.T).argmax(axis=1)
        found[code] = float((nearest == np.arange(len(PAIRS))).mean())
    return found


def test_train_student_learns_the_teachers_vectors_in_every_language(
    config: TransformerConfig, tmp_path: Path
) -> None:
    encoder = train_student(text(), config, tmp_path / "work", tmp_path / "student")
    assert translations_found(encoder) == {"de": 1.0, "ja": 1.0, "zh": 1.0}
    own, goals = encoder.encode(list(PAIRS)), text().goals
    np.testing.assert_allclose(own @ own.T, goals @ goals.T, atol=0.25)  # turned, but as far from each other


def test_train_student_result_is_an_encoder_by_its_folder_alone(
    config: TransformerConfig, tmp_path: Path
) -> None:
    encoder = train_student(text(), replace(config, epochs=1), tmp_path / "work", tmp_path / "student")
    opened = open_encoder(str(tmp_path / "student"))
    assert (opened.id, opened.dim) == (encoder.id, DIM)
    np.testing.assert_allclose(opened.encode(["忘记密码"]), encoder.encode(["忘记密码"]), atol=1e-6)
    quoted = [path for path in (tmp_path / "student").rglob("*.md") if "password" in path.read_text("utf-8")]
    assert quoted == [], "a model card quotes the training text"


def test_train_student_killed_goes_on_from_its_checkpoint_to_the_same_end(
    config: TransformerConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainerCallback

    from training import transformer_student

    config = replace(config, epochs=4, checkpoint_steps=5)
    undisturbed = train_student(text(), config, tmp_path / "other", tmp_path / "undisturbed")
    made = transformer_student._make_trainer
    begun = []

    class Kill(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: object, state: object, control: object, **_: object) -> None:
            if state.global_step == 7:  # type: ignore[attr-defined]
                raise KeyboardInterrupt

    def killed(*args: object) -> object:
        trainer = made(*args)  # type: ignore[arg-type]
        trainer.add_callback(Kill())
        return trainer

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: object, state: object, control: object, **_: object) -> None:
            begun.append(state.global_step)  # type: ignore[attr-defined]

    def watched(*args: object) -> object:
        trainer = made(*args)  # type: ignore[arg-type]
        trainer.add_callback(Watch())
        return trainer

    monkeypatch.setattr(transformer_student, "_make_trainer", killed)
    with pytest.raises(KeyboardInterrupt):
        train_student(text(), config, tmp_path / "work", tmp_path / "student")
    assert not (tmp_path / "student").exists()
    monkeypatch.setattr(transformer_student, "_make_trainer", watched)
    encoder = train_student(text(), config, tmp_path / "work", tmp_path / "student")
    assert begun == [5]
    texts = [*PAIRS, "忘记密码", "返金してください"]
    np.testing.assert_allclose(encoder.encode(texts), undisturbed.encode(texts), atol=1e-4)


def test_train_student_goes_on_from_a_given_model_and_reaches_the_teachers_width(
    config: TransformerConfig, tmp_path: Path
) -> None:
    base = tiny_sentence_transformer(
        tmp_path / "base", [*PAIRS, *(o for row in PAIRS.values() for o in row.values())]
    )
    config = replace(config, base=str(base), epochs=1)
    narrow = train_student(text(), config, tmp_path / "work", tmp_path / "narrow")
    assert narrow.dim == DIM  # the base has 32
    wide = train_student(text(dim=64), config, tmp_path / "work", tmp_path / "wide")
    assert wide.dim == 32


def test_train_student_new_one_starts_from_the_static_words(
    config: TransformerConfig, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    train_student(text(), replace(config, epochs=1), tmp_path / "work", tmp_path / "student")
    (saved,) = (tmp_path / "work").glob("transformer-*/base/model.safetensors")
    table, vectors = load_file(saved)["embeddings.word_embeddings.weight"][:-3], tiny_encoder().vectors
    np.testing.assert_allclose(unit_rows(table), unit_rows(vectors[: len(table)]), atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden": DIM * 2}, "has to be a static encoder"),
        ({"base": "./nothing"}, "cannot be loaded"),
    ],
)
def test_train_student_unusable_base_or_words_are_refused(
    config: TransformerConfig, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(TrainingError, match=message) as caught:
        train_student(text(), replace(config, **changes), tmp_path / "work", tmp_path / "student")
    assert "\n" not in str(caught.value)


@pytest.fixture
def parallel(tmp_path: Path) -> Path:
    folder = tmp_path / "text" / "parallel"
    folder.mkdir(parents=True)
    for code in ("de", "ja", "zh"):
        with gzip.open(folder / f"en-{code}.tsv.gz", "wt", encoding="utf-8") as file:
            file.writelines(f"{english}\t{row[code]}\n" for english, row in PAIRS.items())
    return tmp_path / "text"


def test_train_encoder_student_of_the_configuration_is_made(
    config: TransformerConfig, parallel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "_load", lambda name: FakeTeacher())
    whole = EncoderConfig(
        parallel=parallel,
        student=StudentKind.TRANSFORMER,
        corpus=None,
        work=tmp_path / "work",
        output=tmp_path / "student",
        transformer=replace(config, epochs=1),
    )
    encoder = train_encoder(whole)
    assert isinstance(encoder, TransformerEncoder)
    assert open_encoder(str(tmp_path / "student")).id == encoder.id
    assert resolve_config(tmp_path / "student" / "training.toml", {}) == whole


def test_resolve_config_options_go_to_the_table_of_the_student(tmp_path: Path) -> None:
    path = tmp_path / "encoder.toml"
    path.write_text(
        'student = "transformer"\n[transformer]\nlayers = 6\nprecision = "bf16"\n', encoding="utf-8"
    )
    found = resolve_config(path, {"parallel": tmp_path, "epochs": 7})
    assert found.transformer == TransformerConfig(layers=6, precision=Precision.BF16, epochs=7)
    assert found.distillation == EncoderConfig(tmp_path).distillation
    assert found.output == Path("var/encoder/firstline-transformer")
    static = resolve_config(path, {"parallel": tmp_path, "epochs": 7, "student": "static"})
    assert (static.distillation.epochs, static.transformer.epochs) == (7, TransformerConfig().epochs)


@pytest.mark.parametrize(
    "line", ['student = "recurrent"', "student = 3", '[transformer]\nprecision = "int8"']
)
def test_resolve_config_unknown_student_or_precision_names_the_choices(tmp_path: Path, line: str) -> None:
    path = tmp_path / "encoder.toml"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"should be one of (static, transformer|fp32, bf16, fp16)"):
        resolve_config(path, {"parallel": tmp_path})


def test_choose_pairs_each_language_gets_its_share_support_first() -> None:
    german = [Pair(f"en {n}", f"de {n}", "de", support=n % 10 == 0) for n in range(100)]
    chinese = [Pair(f"en {n}", f"中文 {n}", "zh", support=False) for n in range(5)]
    chosen = choose_pairs([*german, *german, *chinese], 20, seed=13)
    assert [sum(pair.language == code for pair in chosen) for code in ("de", "zh")] == [20, 5]
    assert sum(pair.support for pair in chosen) == 10
    assert len(set(chosen)) == 25


def test_turn_towards_a_turned_copy_comes_back() -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((50, 8)).astype(np.float32)
    turn = np.linalg.qr(random.standard_normal((8, 8)))[0].astype(np.float32)
    np.testing.assert_allclose(turn_towards(vectors @ turn, vectors), vectors, atol=1e-4)


def test_student_tokenizer_cuts_a_text_as_the_static_encoder_does(config: TransformerConfig) -> None:
    from training.transformer_student import _student_tokenizer

    words = tiny_encoder()
    assert isinstance(words, StaticEncoder)
    tokenizer = _student_tokenizer(words, 64)
    for sentence in ("Where is my order?", "パスワードを忘れました", "我要退款。", "¿Dónde está mi pedido?"):
        (expected,) = words.tokenize([sentence])
        ids = tokenizer(sentence)["input_ids"]
        assert ids[1:-1] == expected
        assert tokenizer.convert_ids_to_tokens([ids[0], ids[-1]]) == ["[CLS]", "[SEP]"]

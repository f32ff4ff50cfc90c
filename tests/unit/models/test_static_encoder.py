from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from models.encoder import DEFAULT_ENCODER, ENCODERS_DIR, TextKind, open_encoder, unit_rows
from models.errors import ModelError
from models.static_encoder import MAX_CHARACTERS, StaticEncoder, is_static_encoder
from models.vector_table import VectorTable
from tests.unit.models.tiny import TEXTS, tiny_encoder, tiny_tokenizer

MEGABYTES = 1_000_000


@pytest.fixture
def saved(tmp_path: Path, tiny: StaticEncoder) -> Path:
    tiny.save(tmp_path / "encoder")
    return tmp_path / "encoder"


def test_load_saved_encoder_gives_the_same_vectors(saved: Path, tiny: StaticEncoder) -> None:
    loaded = StaticEncoder.load(saved)
    assert (loaded.id, loaded.dim, loaded.size, loaded.languages) == (
        tiny.id,
        tiny.dim,
        tiny.size,
        tiny.languages,
    )
    np.testing.assert_array_equal(loaded.encode(TEXTS), tiny.encode(TEXTS))


@pytest.mark.parametrize("bits", [4, 8])
def test_load_encoder_saved_with_bits_and_pairs_gives_them_back(tmp_path: Path, bits: int) -> None:
    encoder = tiny_encoder(bits=bits)
    encoder.save(tmp_path)
    config = json.loads((tmp_path / "encoder.json").read_text())
    assert (config["bits"], config["bigrams"]) == (bits, len(encoder.bigrams))
    assert config["vocabulary"] + config["bigrams"] == encoder.size
    loaded = StaticEncoder.load(tmp_path)
    assert (loaded.table.bits, loaded.id) == (bits, encoder.id)
    np.testing.assert_array_equal(loaded.bigrams.pairs, encoder.bigrams.pairs)
    np.testing.assert_array_equal(loaded.encode(TEXTS), encoder.encode(TEXTS))


def test_load_first_form_without_bits_and_pairs_is_read(tmp_path: Path) -> None:
    tiny = tiny_encoder()
    tokens = tiny.bigrams.vocabulary
    table = VectorTable(tiny.table.codes[:tokens], tiny.table.scales[:tokens])
    plain = StaticEncoder("first", tiny_tokenizer(), table, tiny.languages)
    plain.save(tmp_path)
    config = json.loads((tmp_path / "encoder.json").read_text())
    del config["bits"], config["bigrams"]
    (tmp_path / "encoder.json").write_text(json.dumps(config))
    save_file({"table": table.codes, "scales": table.scales}, tmp_path / "table.safetensors")
    loaded = StaticEncoder.load(tmp_path)
    assert (loaded.id, loaded.size) == (plain.id, tokens)
    np.testing.assert_array_equal(loaded.encode(TEXTS), plain.encode(TEXTS))


def test_encode_words_in_another_order_differ_when_their_pairs_are_known(tiny: StaticEncoder) -> None:
    first, second = tiny.bigrams.pairs[np.diff(tiny.bigrams.pairs, axis=1)[:, 0] != 0][0].tolist()
    there, back = tiny.pool(tiny.count([[first, second], [second, first]]))
    assert there @ back < 0.99


def test_open_encoder_folder_of_ours_is_a_static_encoder(saved: Path, tiny: StaticEncoder) -> None:
    assert is_static_encoder(saved)
    assert open_encoder(str(saved)).id == tiny.id


@pytest.mark.parametrize("name", ["encoder.json", "table.safetensors", "tokenizer.model"])
def test_load_missing_or_truncated_file_is_refused(saved: Path, name: str) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=r"not a complete static encoder|restore them"):
        StaticEncoder.load(saved)
    (saved / name).unlink()
    with pytest.raises(ModelError, match="not a complete static encoder"):
        StaticEncoder.load(saved)


def test_load_changed_vectors_are_refused(saved: Path) -> None:
    other = tiny_encoder(seed=1)
    save_file({**other.table.tensors(), "bigrams": other.bigrams.pairs}, saved / "table.safetensors")
    with pytest.raises(ModelError, match=f"says {tiny_encoder().revision}"):
        StaticEncoder.load(saved)


def test_load_changed_scales_are_refused(saved: Path, tiny: StaticEncoder) -> None:
    tensors = {"table": tiny.table.codes, "scales": tiny.table.scales * 2, "bigrams": tiny.bigrams.pairs}
    save_file(tensors, saved / "table.safetensors")
    with pytest.raises(ModelError, match="restore them"):
        StaticEncoder.load(saved)


def test_load_config_without_a_field_is_refused(saved: Path) -> None:
    config = json.loads((saved / "encoder.json").read_text())
    del config["languages"]
    (saved / "encoder.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="not a complete static encoder"):
        StaticEncoder.load(saved)


def test_encoder_table_of_another_vocabulary_is_refused(tiny: StaticEncoder) -> None:
    short = VectorTable(tiny.table.codes[:-1], tiny.table.scales[:-1])
    with pytest.raises(ModelError, match="do not belong together"):
        StaticEncoder("odd", tiny_tokenizer(), short, ("en",), tiny.bigrams)


def test_encode_texts_gives_unit_float32_rows(shipped: StaticEncoder) -> None:
    vectors = shipped.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), shipped.dim), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b\u200f"])
def test_encode_text_without_content_gives_a_zero_row(shipped: StaticEncoder, text: str) -> None:
    vectors = shipped.encode([text, "remboursement", text])
    assert not vectors[0].any()
    assert not vectors[2].any()
    assert np.linalg.norm(vectors[1]) == pytest.approx(1, abs=1e-5)


def test_encode_unknown_characters_only_gives_a_zero_or_unit_row(tiny: StaticEncoder) -> None:
    vectors = tiny.encode(["🦉🦉", "ฉันลืมรหัสผ่าน"])
    assert np.isfinite(vectors).all()
    norms = np.linalg.norm(vectors, axis=1)
    assert ((norms < 1e-6) | (abs(norms - 1) < 1e-5)).all()


def test_encode_no_text_gives_no_row(tiny: StaticEncoder) -> None:
    assert tiny.encode([]).shape == (0, tiny.dim)


def test_encode_one_string_is_refused(tiny: StaticEncoder) -> None:
    with pytest.raises(ModelError, match="not one string"):
        tiny.encode("パスワード")


def test_encode_batch_equals_single_texts(shipped: StaticEncoder) -> None:
    texts = [*TEXTS, "", "x" * 3_000, "🙂"]
    singles = np.concatenate([shipped.encode([text]) for text in texts])
    np.testing.assert_allclose(shipped.encode(texts), singles, atol=1e-6)


def test_encode_query_and_passage_are_the_same(tiny: StaticEncoder) -> None:
    np.testing.assert_array_equal(tiny.encode(TEXTS, TextKind.QUERY), tiny.encode(TEXTS, TextKind.PASSAGE))


def test_encode_very_long_text_is_cut(tiny: StaticEncoder) -> None:
    head = "passwort " * (MAX_CHARACTERS // 9)
    long = head.ljust(MAX_CHARACTERS) + "bestellung " * 50_000
    np.testing.assert_array_equal(tiny.encode([long]), tiny.encode([head.ljust(MAX_CHARACTERS)]))


def test_encode_hostile_text_never_fails(shipped: StaticEncoder) -> None:
    vectors = shipped.encode(["a\x00b", "\u202eabc", "\ud800 half a surrogate", "<script>alert(1)</script>"])
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("訂單到哪裡了", "订单到哪里了"),  # traditional, simplified
        ("気になる点", "气になる点"),  # Japanese new form
        ("返品処理の変更", "返品处理の变更"),
        ("ＰａｙＰａｙで払えますか", "paypayで払えますか"),  # full width
        ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),  # half-width kana
        ("RÜCKERSTATTUNG", "rückerstattung"),
        ("¿Dónde está?", "dónde está?"),
        ("Re\u0301clamation", "réclamation"),  # combining accent
        ("re\u200bfund", "refund"),  # zero-width space
    ],
)
def test_tokenize_spellings_of_one_text_share_tokens(shipped: StaticEncoder, one: str, other: str) -> None:
    first, second = shipped.tokenize([one, other])
    assert first == second


def test_tokenize_texts_that_differ_keep_their_accents_apart(shipped: StaticEncoder) -> None:
    first, second = shipped.tokenize(["año", "ano"])
    assert first != second


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("Ich habe mein Passwort vergessen", "I forgot my password", "Where is my parcel?"),
        ("我的包裹在哪里", "Where is my parcel?", "I forgot my password"),
        ("返金してほしい", "I want a refund", "The camera picture is blurred"),
        ("¿Dónde descargo la factura?", "How do I download the invoice?", "My lamp does not turn on"),
        ("Je veux résilier mon abonnement", "cancel my subscription", "change the delivery address"),
    ],
)
def test_encode_translation_is_nearer_than_another_question(
    shipped: StaticEncoder, question: str, right: str, wrong: str
) -> None:
    vector, near, far = shipped.encode([question, right, wrong])
    assert vector @ near > vector @ far + 0.1


def test_shipped_encoder_fits_the_promised_size(shipped: StaticEncoder) -> None:
    folder = ENCODERS_DIR / DEFAULT_ENCODER
    assert sum(path.stat().st_size for path in folder.rglob("*")) <= 16 * MEGABYTES
    assert max(path.stat().st_size for path in folder.rglob("*")) <= 20 * MEGABYTES
    assert (shipped.dim, shipped.table.bits, len(shipped.bigrams)) == (256, 4, 44_000)


def test_unit_rows_zero_row_stays_zero() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]])

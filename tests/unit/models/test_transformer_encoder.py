from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.encoder import TextKind, open_encoder
from models.errors import ModelError
from models.transformer_encoder import TransformerEncoder

WORDS = (
    "passwort",
    "vergessen",
    "forgot",
    "password",
    "pedido",
    "どこ",
    "订",
    "单",
    "query",
    "passage",
    ":",
    "?",
)
TEXTS = ["Passwort vergessen", "forgot password", "订单", "どこ?"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with a vocabulary of a dozen words, saved as sentence-transformers saves one."""
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    base = tmp_path_factory.mktemp("bert")
    vocabulary = base / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), encoding="utf-8")
    config = BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).eval().save_pretrained(base / "hf")
    BertTokenizerFast(vocab_file=str(vocabulary), tokenize_chinese_chars=False).save_pretrained(base / "hf")
    transformer = models.Transformer(str(base / "hf"), max_seq_length=32)
    pooling = models.Pooling(transformer.get_embedding_dimension(), "mean")
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save(str(base / "tiny-bert"))
    return base / "tiny-bert"


@pytest.fixture(scope="module")
def encoder(folder: Path) -> TransformerEncoder:
    return TransformerEncoder.load(str(folder))


def test_encode_texts_gives_unit_float32_rows(encoder: TransformerEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype, encoder.dim) == ((4, 16), np.float32, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_encode_batch_equals_single_texts(encoder: TransformerEncoder) -> None:
    singles = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), singles, atol=1e-5)


def test_encode_no_text_gives_no_row(encoder: TransformerEncoder) -> None:
    assert encoder.encode([]).shape == (0, 16)


def test_encode_one_string_is_refused(encoder: TransformerEncoder) -> None:
    with pytest.raises(ModelError, match="not one string"):
        encoder.encode("Passwort")


def test_open_encoder_sentence_transformers_folder_has_name_and_revision(
    folder: Path, encoder: TransformerEncoder
) -> None:
    opened = open_encoder(str(folder))
    assert isinstance(opened, TransformerEncoder)
    assert opened.id == encoder.id
    assert opened.id.startswith("tiny-bert@")


def test_id_other_weights_have_another_revision(folder: Path, encoder: TransformerEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    next(model.parameters()).data.add_(0.1)
    assert TransformerEncoder("tiny-bert", model).id != encoder.id


def test_encode_plain_model_treats_query_and_passage_alike(encoder: TransformerEncoder) -> None:
    np.testing.assert_allclose(encoder.encode(TEXTS, TextKind.PASSAGE), encoder.encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize("name", ["intfloat/multilingual-e5-small", "e5-base", "my_e5_model"])
def test_encode_e5_model_gets_its_prefixes(folder: Path, encoder: TransformerEncoder, name: str) -> None:
    from sentence_transformers import SentenceTransformer

    e5 = TransformerEncoder(name, SentenceTransformer(str(folder), device="cpu"))
    for kind in TextKind:
        prefixed = encoder.encode([f"{kind.value}: {text}" for text in TEXTS])
        np.testing.assert_allclose(e5.encode(TEXTS, kind), prefixed, atol=1e-6)
    assert not np.allclose(e5.encode(TEXTS), encoder.encode(TEXTS), atol=1e-3)


def test_encode_model_with_prompts_of_its_own_uses_them(folder: Path, encoder: TransformerEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", prompts={"query": "password ", "passage": ""})
    prompted = TransformerEncoder("e5-like", model)
    expected = encoder.encode([f"password {text}" for text in TEXTS])
    np.testing.assert_allclose(prompted.encode(TEXTS), expected, atol=1e-6)
    np.testing.assert_allclose(prompted.encode(TEXTS, TextKind.PASSAGE), encoder.encode(TEXTS), atol=1e-6)


def test_open_encoder_unknown_reference_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"Check models\.encoder"):
        open_encoder(str(tmp_path / "nothing-here"))

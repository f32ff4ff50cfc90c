from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from models.encoder import TextKind, open_encoder
from models.errors import ModelError
from models.transformer_encoder import TransformerEncoder, find_prefixes

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


def test_encode_default_prompt_is_used_once_and_only_where_the_model_says_no_better(
    folder: Path, encoder: TransformerEncoder
) -> None:
    from sentence_transformers import SentenceTransformer

    prompts = {"query": "password ", "any": "pedido "}
    model = SentenceTransformer(str(folder), device="cpu", prompts=prompts, default_prompt_name="any")
    prompted = TransformerEncoder("e5-base", model)
    for kind, prefix in ((TextKind.QUERY, "password "), (TextKind.PASSAGE, "pedido ")):
        expected = encoder.encode([prefix + text for text in TEXTS])
        np.testing.assert_allclose(prompted.encode(TEXTS, kind), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "prompts", "expected"),
    [
        ("bert", {}, ("", "")),
        ("bert", {"query": "", "document": ""}, ("", "")),
        ("intfloat/multilingual-e5-small", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-small", {"query": "q: ", "document": "d: "}, ("q: ", "d: ")),
        ("intfloat/multilingual-e5-small", {"query": "検索: "}, ("検索: ", "")),
        ("bert", {"passage": "p: ", "document": "d: "}, ("", "p: ")),
        ("bert", {"corpus": "段落: "}, ("", "段落: ")),
        ("intfloat/multilingual-e5-large-instruct", {}, ("", "")),
        ("some/name5-base", {}, ("", "")),
    ],
)
def test_find_prefixes_own_prompts_win_over_the_guess_for_e5(
    name: str, prompts: dict[str, str], expected: tuple[str, str]
) -> None:
    found = find_prefixes(name, prompts)
    assert (found[TextKind.QUERY], found[TextKind.PASSAGE]) == expected


def test_load_prompts_of_the_folder_win_over_the_guess_for_e5(folder: Path, tmp_path: Path) -> None:
    """The configuration that is saved with a model, not only what a program passes."""
    shutil.copytree(folder, tmp_path / "tiny-e5")
    path = tmp_path / "tiny-e5" / "config_sentence_transformers.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(
        json.dumps({**config, "prompts": {"query": "forgot ", "passage": "订 "}}), encoding="utf-8"
    )
    opened, plain = open_encoder(str(tmp_path / "tiny-e5")), TransformerEncoder.load(str(folder))
    for kind, prefix in ((TextKind.QUERY, "forgot "), (TextKind.PASSAGE, "订 ")):
        np.testing.assert_allclose(
            opened.encode(TEXTS, kind), plain.encode([prefix + text for text in TEXTS]), atol=1e-6
        )


def test_id_other_prompts_or_length_have_another_revision(folder: Path, encoder: TransformerEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    prompted = SentenceTransformer(str(folder), device="cpu", prompts={"query": "password "})
    shorter = SentenceTransformer(str(folder), device="cpu")
    shorter.max_seq_length = 8
    ids = {encoder.id, *(TransformerEncoder("tiny-bert", model).id for model in (prompted, shorter))}
    assert len(ids) == 3


def test_load_prints_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    TransformerEncoder.load(str(folder)).encode(TEXTS)
    assert capfd.readouterr() == ("", "")


def test_encode_half_precision_model_gives_float32_unit_rows(
    folder: Path, encoder: TransformerEncoder
) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    for dtype in (torch.float16, torch.bfloat16):
        half = TransformerEncoder("half", SentenceTransformer(str(folder), device="cpu").to(dtype))
        vectors = half.encode(TEXTS)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert (vectors * encoder.encode(TEXTS)).sum(axis=1).min() > 0.999


def test_encode_long_text_is_cut_at_what_the_model_reads(encoder: TransformerEncoder) -> None:
    long = "订单 " * 10_000
    np.testing.assert_allclose(encoder.encode([long]), encoder.encode([long + "password"]), atol=1e-6)


def test_encode_many_texts_come_back_in_their_order(encoder: TransformerEncoder) -> None:
    texts = [" ".join(np.random.default_rng(n).choice(WORDS, 1 + n % 9)) for n in range(100)]
    singles = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(encoder.encode(texts), singles, atol=1e-5)


def test_encode_half_a_surrogate_pair_or_nothing_is_still_a_vector(encoder: TransformerEncoder) -> None:
    assert np.isfinite(encoder.encode(["\ud800", "", "🙂"])).all()


@pytest.mark.parametrize("reference", ["nothing-here", "intfloat/multilingual-e5-nothing"])
def test_open_encoder_unknown_hub_id_without_network_is_one_line(
    monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"Check models\.encoder") as caught:
        open_encoder(reference)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reference", ["./nothing", "/nothing/here", "a/b/c", "~/model", "注文"])
def test_open_encoder_what_can_only_be_a_folder_is_not_looked_for_in_the_hub(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # an import would fail
    with pytest.raises(ModelError, match="no such folder"):
        open_encoder(reference)


def test_open_encoder_folder_of_something_else_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be loaded: .* Check models\.encoder"):
        open_encoder(str(tmp_path))

"""A two-layer BERT with a tokenizer trained on the fly: transformers of the real kinds that train in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def tiny_bert(folder: Path, texts: Sequence[str], spread: float = 0.02) -> Path:
    """Writes an untrained model and its tokenizer, as transformers saves them; returns `folder`."""
    import torch
    from transformers import BertModel

    torch.manual_seed(0)
    tokenizer = tiny_word_pieces(texts)
    BertModel(_config(len(tokenizer), initializer_range=spread)).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_classifier(folder: Path, texts: Sequence[str], labels: Sequence[str], seed: int = 0) -> Path:
    """Writes a sequence classifier of `labels` that nobody trained; returns `folder`."""
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(seed)
    tokenizer = tiny_word_pieces(texts)
    tokenizer.model_max_length = 32
    config = _config(len(tokenizer), num_labels=len(labels), initializer_range=0.5)
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _config(vocabulary: int, **more: Any) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        **more,
    )


def tiny_sentence_transformer(folder: Path, texts: Sequence[str]) -> Path:
    """Writes a mean-pooled BERT of 32 dimensions that nobody trained, as sentence-transformers saves one."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    transformer = Transformer(str(tiny_bert(folder / "bert", texts, spread=0.3)), max_seq_length=48)
    pooling = Pooling(transformer.get_embedding_dimension(), "mean")
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save_pretrained(str(folder / "model"))
    return folder / "model"


def tiny_word_pieces(texts: Sequence[str]) -> Any:
    """Returns a fast tokenizer trained on `texts`; every Chinese character stands alone, as in mBERT."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), special, strict=True))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **{f"{name}_token": token for name, token in names.items()}
    )

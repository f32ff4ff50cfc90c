"""Exports the static encoder as a sentence-transformers model, for use outside Firstline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.static_encoder import StaticEncoder


def export_sentence_transformer(encoder: StaticEncoder, folder: Path) -> None:
    """Writes `encoder` to `folder` as a ``SentenceTransformer`` of a ``StaticEmbedding`` and a normalisation."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    embedding = StaticEmbedding(_fast_tokenizer(encoder), embedding_weights=encoder.vectors)
    SentenceTransformer(modules=[embedding, Normalize()], device="cpu").save_pretrained(str(folder))


def _fast_tokenizer(encoder: StaticEncoder) -> Any:
    """Returns the same tokenizer for Hugging Face's library; the normalisation rules come along."""
    from sentencepiece import sentencepiece_model_pb2
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import Unigram

    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(encoder.tokenizer_model)
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = Tokenizer(Unigram(pieces, proto.trainer_spec.unk_id, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
            normalizers.Strip(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer

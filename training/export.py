"""Exports the static encoder as a sentence-transformers model, for use outside Firstline.

sentence-transformers has no module for vectors of token pairs, so the folder carries one, `training.static_bigrams`,
and is loaded with ``SentenceTransformer(folder, trust_remote_code=True)``.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from models.static_encoder import StaticEncoder


def export_sentence_transformer(encoder: StaticEncoder, folder: Path) -> None:
    """Writes `encoder` to `folder` as a ``SentenceTransformer`` of a `StaticBigrams` and a normalisation."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize

    from training import static_bigrams

    pairs = torch.from_numpy(encoder.bigrams.pairs)
    module = static_bigrams.StaticBigrams(fast_tokenizer(encoder), torch.from_numpy(encoder.vectors), pairs)
    SentenceTransformer(modules=[module, Normalize()], device="cpu").save_pretrained(str(folder))
    source = Path(static_bigrams.__file__)
    shutil.copy(source, folder / source.name)
    _name_module(folder / "modules.json", f"{source.stem}.{type(module).__name__}")


def _name_module(path: Path, name: str) -> None:
    """Makes the first module the class of the file that lies beside it, not the one of this program."""
    modules = json.loads(path.read_text(encoding="utf-8"))
    modules[0]["type"] = name
    path.write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")


def fast_tokenizer(encoder: StaticEncoder) -> Any:
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

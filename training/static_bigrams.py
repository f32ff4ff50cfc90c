"""A sentence-transformers module that adds vectors of frequent token pairs to the token vectors of its parent.

`training.export` copies this file beside an exported encoder, so it imports nothing of Firstline. Load the folder with
``SentenceTransformer(folder, trust_remote_code=True)``.
"""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer

MAX_TOKENS = 512


class StaticBigrams(StaticEmbedding):  # type: ignore[misc]  # the library has no types
    """Row ``vocabulary + i`` of the weights belongs to pair number i of the buffer ``pairs``, sorted ``(n, 2)``."""

    def __init__(self, tokenizer: Tokenizer, weights: torch.Tensor, pairs: torch.Tensor) -> None:
        super().__init__(tokenizer, embedding_weights=weights)
        self.register_buffer("pairs", pairs.long())
        self.vocabulary = len(weights) - len(pairs)
        self.keys = self.pairs[:, 0] * self.vocabulary + self.pairs[:, 1]

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: Any) -> dict[str, torch.Tensor]:
        """Returns token and pair ids of all texts, and where each text begins."""
        texts = [(prompt or "") + text for text in inputs]
        encodings = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        columns = [self._columns(torch.tensor(one.ids[:MAX_TOKENS], dtype=torch.long)) for one in encodings]
        lengths = torch.tensor([0, *(len(ids) for ids in columns[:-1])])
        return {"input_ids": torch.cat(columns), "offsets": lengths.cumsum(0)}

    def _columns(self, ids: torch.Tensor) -> torch.Tensor:
        keys = ids[:-1] * self.vocabulary + ids[1:]
        if not len(keys) or not len(self.keys):
            return ids
        known = self.keys.to(keys.device)
        rows = torch.searchsorted(known, keys).clamp(max=len(known) - 1)
        return torch.cat([ids, rows[known[rows] == keys] + self.vocabulary])

    @classmethod
    def load(cls, model_name_or_path: str, **options: Any) -> StaticBigrams:
        """Returns the module saved in a folder or hub repository."""
        known = ("subfolder", "token", "cache_folder", "revision", "local_files_only")
        where = {name: options[name] for name in known if name in options}
        path = cls.load_file_path(model_name_or_path, filename="tokenizer.json", **where)
        weights = cls.load_torch_weights(model_name_or_path=model_name_or_path, **where)
        return cls(Tokenizer.from_file(path), weights["embedding.weight"], weights["pairs"])

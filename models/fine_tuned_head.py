"""A head that is a whole transformer, fine-tuned to tell the classes from the text itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder import readable
from models.errors import ModelError
from models.features import Features
from models.heads import log_softmax

BATCH_SIZE = 32


class SequenceClassifier:
    """A local folder that transformers saved for sequence classification; it is loaded when first asked.

    It runs on the GPU where there is one. Texts longer than the tokenizer's ``model_max_length`` are cut.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns ``(n, classes) float32``.

        Raises:
            ModelError: the folder cannot be loaded.
        """
        import torch

        tokenizer, model = self._parts
        logits = np.zeros((len(texts), model.config.num_labels), dtype=np.float32)
        # Of like length together: a batch is as wide as its longest text.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(order), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            words = [readable(texts[row]) for row in rows]
            batch = tokenizer(words, truncation=True, padding=True, return_tensors="pt").to(model.device)
            with torch.inference_mode():
                logits[rows] = model(**batch).logits.float().cpu().numpy()
        return logits

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        """The tokenizer and the model; only weights in safetensors are read, and no code of the folder is run."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # a service's log is no place for one
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model = AutoModelForSequenceClassification.from_pretrained(
                self.folder, local_files_only=True, use_safetensors=True
            )
        except Exception as error:  # the library raises many types, some of them its dependencies' own
            reason = str(error).partition("\n")[0]
            raise ModelError(f"{self.folder} is not a fine-tuned head: {reason}") from error
        return tokenizer, model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class FineTunedHead:
    """A fine-tuned transformer with its calibration.

    Attributes:
        labels: the classes, in the order of the classifier's logits.
        classifier: the transformer.
        temperature: divides the logits (Guo et al. 2017).
    """

    labels: tuple[str, ...]
    classifier: SequenceClassifier
    temperature: float = 1.0

    def log_probabilities(self, features: Features) -> NDArray[np.float32]:
        """Returns ``(n, classes) float32`` calibrated log-probabilities."""
        return log_softmax(self.classifier.logits(features.texts) / np.float32(self.temperature))

"""A whole transformer as the only view: what ``models.heads: fine_tuned`` configures (`training.fine_tuning`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fine_tuned_head import SequenceClassifier
from training.benchmark.texts import TextBatch
from training.benchmark.views import spread_classes
from training.fine_tuning import Example, FineTuningConfig, fine_tune


@dataclass(frozen=True)
class FineTunedView:
    """The fitted view.

    Attributes:
        classifier: gives a column for each of the classes in `seen`.
        classes: how many classes there are.
    """

    classifier: SequenceClassifier
    seen: NDArray[np.intp]
    classes: int

    def logits(self, batch: TextBatch) -> NDArray[np.float32]:
        """Returns ``(n, classes)``."""
        return spread_classes(self.classifier.logits(batch.texts), self.seen, self.classes)


def fit_fine_tuned_view(
    batch: TextBatch, targets: NDArray[np.intp], classes: int, config: FineTuningConfig
) -> FineTunedView:
    """Returns the view, fitted on the class of each text; a tenth of them tells when to stop.

    Raises:
        TrainingError: no class has four texts, the base model cannot be loaded, or a process failed.
    """
    examples = [
        Example(text, f"{target:06d}", str(row))
        for row, (text, target) in enumerate(zip(batch.texts, targets.tolist(), strict=True))
    ]
    head = fine_tune("benchmark", examples, config, balanced=False)
    return FineTunedView(head.classifier, np.array([int(label) for label in head.labels]), classes)

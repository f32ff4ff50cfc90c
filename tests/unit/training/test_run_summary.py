from __future__ import annotations

import pytest

from models.thresholds import Threshold
from training.commands.run_summary import describe_evidence


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (Threshold("billing", 0.8, 300, 4, 0.03), ""),
        (Threshold("other", 0.8, 300, 4, 0.03, pooled=True), "taken together"),
        (Threshold("complaint", None, 20, 0, 0.14, labels_needed=1_260), "needs 1,260 more labelled tickets"),
        (Threshold("other", None, 20, 0, 0.14, pooled=True, labels_needed=60), "together with the others"),
        (Threshold("other", None, 90, 20, 0.3), "more labels alone would not help"),
    ],
)
def test_describe_evidence_says_what_is_promised_or_missing(threshold: Threshold, words: str) -> None:
    said = describe_evidence(threshold)
    assert words in said
    assert bool(said) == bool(words)

"""A build that a test kills: ``python -m tests.unit.kb_index.slow_build ROOT SECONDS_A_BATCH``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from kb_index.build import BuildOptions, build_index
from kb_index.embedding import Sharding
from models.encoder import TextKind
from tests.unit.kb_index.fakes import HashEncoder, make_article

SHARDS = 4


@dataclass
class SlowEncoder(HashEncoder):
    """Sleeps before each batch."""

    wait_s: float = 0.0

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        time.sleep(self.wait_s)
        return super().encode(texts, kind)


def articles() -> list[Article]:
    """Forty articles of two chunks each."""
    texts = {"en": "Parcel {} is late.", "ja": "荷物{}が遅れています。"}
    return [
        make_article(f"KB{number:02d}", language, text.format(number), text.format(number) * 2)
        for number in range(20)
        for language, text in texts.items()
    ]


if __name__ == "__main__":
    options = BuildOptions(sharding=Sharding(SHARDS))
    build_index(articles(), SlowEncoder(wait_s=float(sys.argv[2])), Path(sys.argv[1]), options)

"""Articles in order, on disk where they are too many for memory."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.schema import Article
from kb_index.shards import store_rows

if TYPE_CHECKING:
    from datasets import Dataset

BATCH = 1_000
ORDERED = "ordered"
LISTS = ("steps", "keywords", "tags")
TYPES = {
    **dict.fromkeys(("id", "topic", "category", "title", "language", "body"), "string"),
    **{name: ["string"] for name in LISTS},
}


@dataclass(frozen=True)
class SortedArticles(Iterable[Article]):
    """Articles by id and language, read from an Arrow file as often as needed."""

    rows: Dataset

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Article]:
        for batch in self.rows.iter(batch_size=BATCH):
            for values in zip(*batch.values(), strict=True):
                row = dict(zip(batch, values, strict=True))
                lists = {name: tuple(row[name]) for name in LISTS}
                yield Article(**{**row, **lists})


def sort_articles(articles: Iterable[Article], folder: Path) -> SortedArticles | tuple[()]:
    """Returns `articles`, which are read once, sorted in a file under `folder`; to be removed afterwards."""
    from pyarrow.compute import sort_indices

    shutil.rmtree(folder, ignore_errors=True)
    remaining = iter(articles)
    first = list(itertools.islice(remaining, 1))
    if not first:
        return ()
    rows = store_rows((asdict(article) for article in itertools.chain(first, remaining)), TYPES, folder)
    keys = [(name, "ascending") for name in ("id", "language")]
    order = (
        sort_indices(rows.data.table.select(["id", "language"]), sort_keys=keys).to_numpy().astype(np.int64)
    )
    return SortedArticles(rows.select(order, keep_in_memory=True, new_fingerprint=ORDERED))

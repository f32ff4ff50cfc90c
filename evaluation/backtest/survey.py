"""The first look at a history: how much there is, what is labelled, what comes back, and where to cut it in time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from data.history.tickets import History, PastTicket, Skip
from data.schema import Channel
from evaluation.backtest.choices import EmptyArticle
from evaluation.backtest.labels import FOREIGN, NO_ARTICLE, UNLABELLED, ArticleNames

NEVER = int(np.iinfo(np.int64).min)
"""The moment of a ticket without a date."""
READ_FOR_REPEATS = 2_000
CHANNELS = (*Channel, None)
"""None where the export does not say."""
DATED_SHARE = 0.5
"""At least this share of the tickets needs a date for a cut in time."""
COLUMN_CODES = {
    "created": "q",
    "fingerprint": "Q",
    "truth": "i",
    "mentioned": "i",
    "replied": "b",
    "channel": "b",
}
"""Types of the columns that grow while a history is read; lists would take ten times the memory."""
NOISE = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class Survey:
    """What a history holds, one entry a ticket in the order of the file.

    Attributes:
        skipped: rows that are no tickets, by reason.
        created: minutes since 1970, `NEVER` without a date; `bad_dates` are those that could not be read.
        fingerprint: equal for texts that differ in case, digits, punctuation and spaces only.
        repeated: whether such a text came before.
        truth: number of the article that solved it, or one of the codes of `evaluation.backtest.labels`.
        mentioned: number of the article that the human reply names.
        replied: whether there is a human reply.
        channel: place among `CHANNELS`.
        empty_means: what an empty cell of the article's column was taken for.
    """

    skipped: Mapping[Skip, int]
    created: NDArray[np.int64]
    bad_dates: int
    fingerprint: NDArray[np.uint64]
    repeated: NDArray[np.bool_]
    truth: NDArray[np.int32]
    mentioned: NDArray[np.int32]
    replied: NDArray[np.bool_]
    channel: NDArray[np.int8]
    empty_means: EmptyArticle

    def __len__(self) -> int:
        return len(self.created)

    @property
    def rows(self) -> int:
        """Rows of the file, tickets or not."""
        return len(self) + sum(self.skipped.values())

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Whether it is known which article solved a ticket, or that none did."""
        return np.asarray(self.truth != UNLABELLED)

    def months(self) -> list[str]:
        """Returns the month of each ticket, such as ``2026-03``, or ``unknown``."""
        known = {int(day): _month(int(day)) for day in np.unique(self.created // 1440)}
        return [known[day] for day in (self.created // 1440).tolist()]


@dataclass(frozen=True)
class Cut:
    """Which tickets are learnt from and which are measured.

    Attributes:
        method: ``time``, ``hash`` (of the text) or ``none``: everything is measured.
        at: the first day that is measured, where the cut is one in time.
        earlier: which tickets come before it.
    """

    method: str
    at: datetime | None
    earlier: NDArray[np.bool_]


def survey(history: History, names: ArticleNames, seen: Callable[[], None] = lambda: None) -> Survey:
    """Returns what `history` holds; calls `seen` for each ticket."""
    skipped: Counter[Skip] = Counter()
    columns = {name: array(code) for name, code in COLUMN_CODES.items()}
    bad_dates = 0
    for row in history:
        if not isinstance(row, PastTicket):
            skipped[row.reason] += 1
            continue
        columns["created"].append(NEVER if row.created is None else int(row.created.timestamp() // 60))
        columns["fingerprint"].append(fingerprint(row.text))
        columns["truth"].append(names.resolve(row.article))
        columns["mentioned"].append(names.mentioned(row.reply))
        columns["replied"].append(bool(row.reply))
        columns["channel"].append(CHANNELS.index(row.channel))
        bad_dates += row.bad_date
        seen()
    found = {name: np.array(values) for name, values in columns.items()}
    found["replied"] = found["replied"].astype(np.bool_)
    return Survey(
        **found,
        skipped=skipped,
        bad_dates=bad_dates,
        repeated=_repeated(found["fingerprint"]),
        empty_means=EmptyArticle.UNKNOWN,
    )


def fingerprint(text: str) -> int:
    """Returns 64 bits of a text's letters."""
    folded = NOISE.sub("", unicodedata.normalize("NFKC", text[:READ_FOR_REPEATS]).casefold())
    return int.from_bytes(
        hashlib.blake2b((folded or text).encode("utf-8", "replace"), digest_size=8).digest(), "big"
    )


def cut_history(found: Survey, measured_share: float, at: datetime | None = None) -> Cut:
    """Returns the cut: the latest `measured_share` of the dated tickets is measured, or what is not before `at`.

    Tickets without a date are measured, for they may be late. Where too few have one, the text decides, so that
    texts that come back stay on one side.
    """
    dated = found.created != NEVER
    if at is None and dated.mean() < DATED_SHARE:
        return Cut("hash", None, (found.fingerprint % 1000) / 1000 >= measured_share)
    if at is None:
        minute = int(np.quantile(found.created[dated], 1 - measured_share, method="lower"))
        day = datetime.fromtimestamp(minute * 60, UTC).replace(hour=0, minute=0)
        at = day if (found.created[dated] < day.timestamp() // 60).any() else day + timedelta(days=1)
    return Cut("time", at, dated & (found.created < int(at.timestamp() // 60)))


def measure_everything(found: Survey) -> Cut:
    """Returns a cut before the first ticket: nothing is learnt, everything is measured."""
    return Cut("none", None, np.zeros(len(found), dtype=np.bool_))


def read_empty_as_none(found: Survey) -> Survey:
    """Returns the survey of a desk that leaves the article empty where none solved the ticket."""
    truth = np.where(found.truth == UNLABELLED, np.int32(NO_ARTICLE), found.truth)
    return replace(found, truth=truth, empty_means=EmptyArticle.NONE)


def names_no_article(found: Survey) -> bool:
    """Returns whether the column of the article names only articles that the folder does not have."""
    return bool((found.truth == FOREIGN).any() and not (found.truth >= 0).any())


def _repeated(prints: NDArray[np.uint64]) -> NDArray[np.bool_]:
    repeated = np.ones(len(prints), dtype=np.bool_)
    repeated[np.unique(prints, return_index=True)[1]] = False
    return repeated


def _month(day: int) -> str:
    if day == NEVER // 1440:
        return "unknown"
    return f"{datetime.fromtimestamp(day * 86400, UTC):%Y-%m}"

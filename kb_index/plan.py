"""Which kind of FAISS index a corpus gets, and its parameters."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum

from kb_index.errors import UnusableInputError

FLAT_UP_TO = 20_000
CODE_BITS = (4, 8, 16)


class IndexKind(StrEnum):
    """How vectors are searched: all of them, some lists of them, or along a graph."""

    FLAT = "flat"
    IVF = "ivf"
    HNSW = "hnsw"


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What the configuration says about the index.

    Attributes:
        kind: None chooses by size: flat up to `flat_up_to` chunks, then inverted lists.
        bits: of each number of a vector in the codes of an approximate index.
        rerank: chunks whose exact cosine is computed after an approximate search.
        nlist: inverted lists; None takes twice the square root of the number of chunks. `nprobe` are searched.
        m: links of a node in the graph; `ef_construction` and `ef_search` are the breadths of its search.

    Raises:
        UnusableInputError: a number is below 1, or `bits` is none of `CODE_BITS`.
    """

    kind: IndexKind | None = None
    flat_up_to: int = FLAT_UP_TO
    bits: int = 8
    rerank: int = 100
    nlist: int | None = None
    nprobe: int = 128
    m: int = 16
    ef_construction: int = 64
    ef_search: int = 128

    def __post_init__(self) -> None:
        numbers = {name: value for name, value in asdict(self).items() if isinstance(value, int)}
        low = {name: value for name, value in numbers.items() if value < (name != "flat_up_to")}
        if low:
            raise UnusableInputError(f"index options must be 1 or more, not {low}")
        if self.bits not in CODE_BITS:
            raise UnusableInputError(f"bits must be one of {CODE_BITS}, not {self.bits}")


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """The kind of index a version has, with what it was built and is searched with.

    Attributes:
        kind: decides which of the others are there; see `IndexOptions` for them. 0 stands for not there.
    """

    kind: IndexKind = IndexKind.FLAT
    bits: int = 0
    rerank: int = 0
    nlist: int = 0
    nprobe: int = 0
    m: int = 0
    ef_construction: int = 0
    ef_search: int = 0

    def parameters(self) -> dict[str, int]:
        """Returns the numbers that belong to this kind."""
        return {name: value for name, value in asdict(self).items() if name != "kind" and value}


def choose_plan(options: IndexOptions, chunks: int) -> IndexPlan:
    """Returns the plan for a corpus of `chunks` chunks."""
    kind = options.kind or (IndexKind.FLAT if chunks <= options.flat_up_to else IndexKind.IVF)
    if kind is IndexKind.FLAT:
        return IndexPlan()
    if kind is IndexKind.HNSW:
        return IndexPlan(
            kind,
            options.bits,
            options.rerank,
            m=options.m,
            ef_construction=options.ef_construction,
            ef_search=options.ef_search,
        )
    nlist = min(options.nlist or round(2 * math.sqrt(chunks)), chunks)
    return IndexPlan(kind, options.bits, options.rerank, nlist=nlist, nprobe=min(options.nprobe, nlist))

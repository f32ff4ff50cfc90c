from __future__ import annotations

import pytest

from kb_index.errors import UnusableInputError
from kb_index.plan import FLAT_UP_TO, IndexKind, IndexOptions, IndexPlan, choose_plan


@pytest.mark.parametrize(
    ("chunks", "kind"),
    [(1, IndexKind.FLAT), (FLAT_UP_TO, IndexKind.FLAT), (FLAT_UP_TO + 1, IndexKind.IVF)],
)
def test_choose_plan_without_a_kind_goes_by_size(chunks: int, kind: IndexKind) -> None:
    assert choose_plan(IndexOptions(), chunks).kind is kind


@pytest.mark.parametrize("kind", IndexKind)
@pytest.mark.parametrize("chunks", [1, 1_000_000])
def test_choose_plan_with_a_kind_keeps_to_it_at_any_size(kind: IndexKind, chunks: int) -> None:
    assert choose_plan(IndexOptions(kind), chunks).kind is kind


def test_choose_plan_lists_are_twice_the_root_of_the_chunks_and_never_more_than_them() -> None:
    plan = choose_plan(IndexOptions(nprobe=50), 1_000_000)
    assert plan.parameters() == {"bits": 8, "rerank": 100, "nlist": 2000, "nprobe": 50}
    assert choose_plan(IndexOptions(IndexKind.IVF, nlist=100), 7).parameters()["nlist"] == 7
    assert choose_plan(IndexOptions(IndexKind.IVF, nlist=5), 7).nprobe == 5


def test_parameters_are_those_of_the_kind() -> None:
    assert choose_plan(IndexOptions(), 10) == IndexPlan()
    assert not IndexPlan().parameters()
    graph = choose_plan(IndexOptions(IndexKind.HNSW), 10).parameters()
    assert set(graph) == {"bits", "rerank", "m", "ef_construction", "ef_search"}


@pytest.mark.parametrize("wrong", [{"bits": 7}, {"nprobe": 0}, {"rerank": -1}, {"flat_up_to": -1}])
def test_options_without_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UnusableInputError, match=next(iter(wrong))):
        IndexOptions(**wrong)

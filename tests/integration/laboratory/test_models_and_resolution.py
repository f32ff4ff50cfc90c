from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataError
from data.schema import Language, Split
from data.tickets import load_tickets, write_tickets
from tests.integration.laboratory.conftest import Evaluate


@pytest.fixture
def some_tickets(tmp_path: Path) -> Path:
    """Every fifth test ticket, in six languages."""
    found = [ticket for ticket in load_tickets() if ticket.split is Split.TEST]
    write_tickets(found[::5], tmp_path / "tickets.jsonl")
    return tmp_path / "tickets.jsonl"


def test_evaluate_models_reads_all_languages_and_writes_a_page(
    evaluate: Evaluate, some_tickets: Path
) -> None:
    found, page = evaluate("models", "--tickets", str(some_tickets))
    assert found["heads"]["category"]["accuracy"]["value"] > 0.8
    assert set(found["heads"]["topic"]["by_language"]) == set(Language)
    assert found["out_of_scope"]["topic out_of_scope"]["novelty"]["auroc"] > 0.6
    assert page.count("<img") >= 6


def test_evaluate_resolution_is_careful_and_lists_what_is_wrong(
    evaluate: Evaluate, some_tickets: Path
) -> None:
    found, page = evaluate("resolution", "--tickets", str(some_tickets))
    assert found["auto_resolution_rate"] > 0.3
    assert found["precision"] > 0.9
    assert len(found["wrong"]) == found["wrong_auto_resolved"]
    assert found["consistency"]["pass_k"]["4"]["value"] <= found["consistency"]["pass_k"]["1"]["value"]
    assert found["selection"]["resolution scorer"]["aurc"]["value"] < 0.2
    assert "never" in page


def test_evaluate_models_empty_split_says_what_to_do(evaluate: Evaluate, some_tickets: Path) -> None:
    with pytest.raises(DataError, match="no ticket of the train split"):
        evaluate("models", "--tickets", str(some_tickets), "--split", "train")

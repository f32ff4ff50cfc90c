from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.schema import LabelledTicket, Language, Split
from data.tickets import load_tickets, write_tickets
from tests.integration.laboratory.conftest import Evaluate


def calibration() -> list[LabelledTicket]:
    return [ticket for ticket in load_tickets() if ticket.split is Split.CALIBRATION]


def write(folder: Path, name: str, tickets: Sequence[LabelledTicket]) -> str:
    write_tickets(tickets, folder / name)
    return str(folder / name)


def test_evaluate_drift_two_halves_of_the_shipped_tickets_are_the_same(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    tickets = calibration()
    sides = [write(tmp_path, f"{start}.jsonl", tickets[start::4]) for start in (0, 2)]
    found, page = evaluate("drift", "--reference", sides[0], "--current", sides[1])
    assert found["verdict"] == "no drift"
    assert page.count("<img") == 4


def test_evaluate_drift_names_the_language_and_the_topic_that_grew(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    tickets = calibration()
    reference = write(tmp_path, "reference.jsonl", tickets[0::3])
    japanese = [ticket for ticket in tickets[1::3] if ticket.language is Language.JA]
    crashes = [ticket for ticket in (*tickets[1::3], *tickets[2::3]) if ticket.topic == "app_crash"]
    current = write(tmp_path, "current.jsonl", [*japanese, *crashes, *tickets[2::12]])
    found, page = evaluate("drift", "--reference", reference, "--current", current)
    assert found["verdict"] == "drift"
    assert "ja" in found["moved"]["languages"]
    assert "app_crash" in found["moved"]["topics"]
    assert "Languages that moved: ja" in page

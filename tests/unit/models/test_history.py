from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.champion import POINTER
from models.history import HISTORY_FILE, START, Action, Change, append, current_actor, read_history, reconcile


def promote(root: Path, before: str | None, after: str) -> None:
    append(root, Change(Action.PROMOTE, "ana", before, after))


def line(root: Path) -> list[str]:
    return read_history(root).served()


def test_read_history_without_a_file_is_empty(tmp_path: Path) -> None:
    assert (read_history(tmp_path).records, read_history(tmp_path).problem) == ([], "")


def test_append_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    change = Change(
        Action.REFUSE,
        "三浦",
        "aaa",
        "bbb",
        registered="7",
        figures={"champion": {"de": 0.9}, "challenger": {"de": None}},
        gates=[{"gate": "size", "passed": False, "sentence": "zu groß"}],
        forced="ausnahmsweise",
        note="メモ",
    )
    written = append(tmp_path, change)
    found = read_history(tmp_path)
    assert (found.problem, found.records) == ("", [written])
    assert found.records[0].change == change
    assert (written.number, written.previous) == (1, START)
    assert written.plain()["from"] == "aaa"
    assert written.plain()["to"] == "bbb"


def test_append_records_are_chained(tmp_path: Path) -> None:
    promote(tmp_path, None, "a")
    promote(tmp_path, "a", "b")
    first, second = read_history(tmp_path).records
    assert (second.number, second.previous) == (2, first.hash)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_read_history_changed_line_shows(tmp_path: Path, number: int) -> None:
    for before, after in [(None, "a"), ("a", "b"), ("b", "c")]:
        promote(tmp_path, before, after)
    lines = (tmp_path / HISTORY_FILE).read_text(encoding="utf-8").splitlines()
    lines[number] = lines[number].replace("ana", "eve")
    (tmp_path / HISTORY_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert f"{HISTORY_FILE}:{number + 1}:" in read_history(tmp_path).problem


def test_read_history_removed_line_shows(tmp_path: Path) -> None:
    for before, after in [(None, "a"), ("a", "b"), ("b", "c")]:
        promote(tmp_path, before, after)
    lines = (tmp_path / HISTORY_FILE).read_text(encoding="utf-8").splitlines()
    (tmp_path / HISTORY_FILE).write_text(f"{lines[0]}\n{lines[2]}\n", encoding="utf-8")
    assert f"{HISTORY_FILE}:2:" in read_history(tmp_path).problem


def test_read_history_line_that_is_no_record_shows_and_the_others_are_read(tmp_path: Path) -> None:
    promote(tmp_path, None, "a")
    with (tmp_path / HISTORY_FILE).open("a", encoding="utf-8") as file:
        file.write('{"not": "a record"}\n')
    found = read_history(tmp_path)
    assert len(found.records) == 1
    assert f"{HISTORY_FILE}:2: not a record" in found.problem


def test_append_after_a_half_written_line_goes_on_before_it(tmp_path: Path) -> None:
    """The power went while a line was written: it announced a switch that did not happen."""
    promote(tmp_path, None, "a")
    with (tmp_path / HISTORY_FILE).open("a", encoding="utf-8") as file:
        file.write('{"number": 2, "at": "2026-')
    assert read_history(tmp_path).problem == ""
    promote(tmp_path, "a", "b")
    found = read_history(tmp_path)
    assert (found.problem, [record.number for record in found.records]) == ("", [1, 2])


def test_append_figures_that_json_has_no_number_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        append(tmp_path, Change(Action.PROMOTE, "ana", None, "a", figures={"ece": float("nan")}))
    assert read_history(tmp_path).records == []


def test_served_refusals_do_not_count(tmp_path: Path) -> None:
    promote(tmp_path, None, "a")
    append(tmp_path, Change(Action.REFUSE, "ana", "a", "b"))
    assert line(tmp_path) == ["a"]


def test_served_roll_back_takes_away_what_it_went_back_behind(tmp_path: Path) -> None:
    for before, after in [(None, "a"), ("a", "b"), ("b", "c")]:
        promote(tmp_path, before, after)
    append(tmp_path, Change(Action.ROLL_BACK, "ana", "c", "b"))
    assert line(tmp_path) == ["a", "b"]
    promote(tmp_path, "b", "d")
    assert line(tmp_path) == ["a", "b", "d"]
    append(tmp_path, Change(Action.ROLL_BACK, "ana", "d", "a"))
    assert line(tmp_path) == ["a"]


def test_served_bundle_that_came_twice_is_gone_back_to_where_it_was_last(tmp_path: Path) -> None:
    for before, after in [(None, "a"), ("a", "b"), ("b", "a"), ("a", "c")]:
        promote(tmp_path, before, after)
    append(tmp_path, Change(Action.ROLL_BACK, "ana", "c", "a"))
    assert line(tmp_path) == ["a", "b", "a"]


def test_reconcile_pointer_that_agrees_notes_nothing(tmp_path: Path) -> None:
    promote(tmp_path, None, "a")
    (tmp_path / POINTER).write_text("a\n")
    assert reconcile(tmp_path, "ana") == "a"
    assert len(read_history(tmp_path).records) == 1


def test_reconcile_switch_that_was_announced_but_did_not_happen_is_noted(tmp_path: Path) -> None:
    promote(tmp_path, None, "a")
    promote(tmp_path, "a", "b")
    (tmp_path / POINTER).write_text("a\n")
    assert reconcile(tmp_path, "ana") == "a"
    found = read_history(tmp_path)
    assert found.records[-1].change.action is Action.FOUND
    assert (found.records[-1].change.before, found.records[-1].change.after) == ("b", "a")
    assert found.served() == ["a"]
    assert reconcile(tmp_path, "ana") == "a"
    assert len(read_history(tmp_path).records) == 3


def test_reconcile_bundle_from_before_there_was_a_history_is_noted(tmp_path: Path) -> None:
    (tmp_path / POINTER).write_text("old\n")
    assert reconcile(tmp_path, "ana") == "old"
    assert line(tmp_path) == ["old"]


def test_reconcile_nothing_served_is_none(tmp_path: Path) -> None:
    assert reconcile(tmp_path, "ana") is None


def test_history_file_holds_one_json_object_a_line(tmp_path: Path) -> None:
    promote(tmp_path, None, "a")
    (row,) = (tmp_path / HISTORY_FILE).read_text(encoding="utf-8").splitlines()
    assert {"number", "at", "actor", "host", "action", "from", "to", "hash"} <= set(json.loads(row))


def test_record_with_another_change_has_another_hash(tmp_path: Path) -> None:
    record = append(tmp_path, Change(Action.PROMOTE, "ana", None, "a"))
    other = append(tmp_path / "other", replace(record.change, actor="eve"))
    assert record.hash != other.hash


def test_current_actor_is_a_name() -> None:
    assert current_actor()

from __future__ import annotations

from pathlib import Path

import pytest

from serving.jobs.collecting import CollectingOutbound
from serving.jobs.relay import OutboxRelay, RelayPolicy
from serving.storage.database import open_database
from serving.storage.outbox import OutboxRepository
from serving.storage.records import ClaimedRow


def _item(key: str, text: str = "") -> ClaimedRow:
    return ClaimedRow(
        id=1, key=key, kind="reply", ticket_id="TKT-1", payload={"body": text}, attempts=1, token=1
    )


def test_collected_same_key_twice_is_read_once(tmp_path: Path) -> None:
    outbound = CollectingOutbound(tmp_path / "new" / "outbound.jsonl")
    assert outbound.collected() == []
    for item in (_item("a", "返信\nzwei\u2028Zeilen"), _item("b"), _item("a", "again")):
        outbound.deliver(item)
    assert [(m["key"], m["payload"]["body"]) for m in outbound.collected()] == [
        ("a", "返信\nzwei\u2028Zeilen"),
        ("b", ""),
    ]


def test_deliver_after_a_line_that_a_crash_cut_off_loses_only_that_line(tmp_path: Path) -> None:
    path = tmp_path / "outbound.jsonl"
    outbound = CollectingOutbound(path)
    outbound.deliver(_item("a"))
    with path.open("ab") as file:
        file.write(b'{"key": "b", "pay')
    outbound.deliver(_item("c"))
    assert [message["key"] for message in outbound.collected()] == ["a", "c"]


@pytest.mark.parametrize(("attempts", "least", "most"), [(1, 2.5, 5), (3, 10, 20), (30, 50, 100)])
def test_pause_doubles_up_to_a_limit_with_half_of_it_by_chance(
    tmp_path: Path, attempts: int, least: float, most: float
) -> None:
    outbox = OutboxRepository(open_database(f"sqlite:///{tmp_path}/x.db"))
    for chance, expected in ((0.0, least), (1.0, most)):
        relay = OutboxRelay(
            outbox,
            CollectingOutbound(tmp_path / "o"),
            RelayPolicy(longest_pause_s=100),
            chance=lambda chance=chance: chance,  # type: ignore[misc]
        )
        assert relay.pause_s(attempts) == expected

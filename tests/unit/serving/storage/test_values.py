from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema import Channel
from serving.storage.column_types import dump_json, storable_text
from serving.storage.cursor import decode_cursor, encode_cursor
from serving.storage.database import open_database
from serving.storage.errors import CursorError, StorageError

TEXT = st.text(st.characters())
JSON = st.recursive(
    st.none() | TEXT | st.integers(-5, 5), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
)


@given(TEXT)
def test_storable_text_any_text_is_utf8_without_nul(text: str) -> None:
    stored = storable_text(text)
    assert "\x00" not in stored
    stored.encode()
    assert len(stored) == len(text)


@given(JSON)
def test_dump_json_any_value_is_json_that_both_databases_take(value: object) -> None:
    text = dump_json(value)
    text.encode()
    assert "\x00" not in json.dumps(json.loads(text), ensure_ascii=False)


def test_dump_json_backslash_before_u0000_is_kept() -> None:
    assert json.loads(dump_json({"path": "C:\\u0000"})) == {"path": "C:\\u0000"}


def test_dump_json_enums_sets_and_mappings_become_plain() -> None:
    value = MappingProxyType({Channel.EMAIL: frozenset({"b", "a"}), "channel": Channel.CHAT})
    assert json.loads(dump_json(value)) == {"email": ["a", "b"], "channel": "chat"}


def test_dump_json_unknown_object_is_an_error() -> None:
    with pytest.raises(TypeError):
        dump_json({"path": object()})


def test_cursor_round_trip_keeps_microseconds() -> None:
    at = datetime(2026, 3, 1, 1, 2, 3, 4, tzinfo=UTC)
    assert decode_cursor(encode_cursor(at, "TKT-1")) == (at, "TKT-1")


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "é", "bnVsbA", "WzEsMl0", "W10", "a" * 600])
def test_decode_cursor_of_somebody_else_is_an_error(cursor: str) -> None:
    with pytest.raises(CursorError, match="next_cursor"):
        decode_cursor(cursor)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "not a url"])
def test_open_database_unusable_url_is_a_clear_error(url: str) -> None:
    with pytest.raises(StorageError, match="sqlite:///"):
        open_database(url)


def test_open_database_unreachable_postgresql_is_unhealthy_and_hides_the_password() -> None:
    database = open_database("postgresql://user:secret@127.0.0.1:1/none")
    assert not database.healthy()
    assert "secret" not in database.address


def test_open_database_makes_the_folder(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new/desk.db")
    assert database.healthy()
    database.close()

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from kb_index.build import build_index
from kb_index.errors import NoIndexError
from kb_index.holder import POLL_S, RETRY_S, IndexHolder
from kb_index.search import open_current
from kb_index.store import CURRENT_FILE, read_pointer, rollback
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder, ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def holder(root: Path, clock: ManualClock) -> IndexHolder:
    return IndexHolder(root, "hash@1", 32, clock)


def wait_for_refresh() -> None:
    for thread in threading.enumerate():
        if thread.name == "index-refresh":
            thread.join(10)


def test_holder_without_an_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError):
        IndexHolder(tmp_path, "hash@1", 32)


def test_current_picks_up_a_new_version_after_the_poll_interval(
    holder: IndexHolder, root: Path, clock: ManualClock, encoder: HashEncoder
) -> None:
    old = holder.current()
    version = build_index(ARTICLES[:2], encoder, root).version
    assert holder.current() is old
    clock.now += POLL_S
    holder.current()
    wait_for_refresh()
    assert holder.current().version == version
    assert (holder.swaps, holder.failures) == (1, 0)
    assert len(old.search(encoder.encode(["order"]), ["order"], ["en"])[0]) == 3


def test_current_without_a_change_starts_no_thread(holder: IndexHolder, clock: ManualClock) -> None:
    clock.now += POLL_S
    before = holder.current()
    assert not any(thread.name == "index-refresh" for thread in threading.enumerate())
    assert holder.current() is before


def test_broken_new_version_is_counted_and_the_old_one_keeps_serving(
    holder: IndexHolder, root: Path, encoder: HashEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    old = holder.current()
    version = build_index(ARTICLES[:2], encoder, root).version
    (root / version / "vectors.faiss").write_bytes(b"")
    assert not holder.refresh()
    assert holder.current() is old
    assert holder.failures == 1
    assert "vectors.faiss" in str(holder.last_error)
    assert "keeps serving" in caplog.text


def test_broken_version_is_tried_again_only_after_a_while(
    holder: IndexHolder, root: Path, encoder: HashEncoder, clock: ManualClock
) -> None:
    version = build_index(ARTICLES[:2], encoder, root).version
    content = (root / version / "vectors.faiss").read_bytes()
    (root / version / "vectors.faiss").write_bytes(b"")
    assert not holder.refresh()
    (root / version / "vectors.faiss").write_bytes(content)
    assert not holder.refresh()
    clock.now += RETRY_S
    assert holder.refresh()
    assert (holder.current().version, holder.failures, holder.last_error) == (version, 1, None)


def test_version_of_another_encoder_leaves_the_one_before_in_use_while_it_is_kept(
    holder: IndexHolder, root: Path
) -> None:
    build_index(ARTICLES, HashEncoder("hash@2"), root)
    assert not holder.refresh()
    assert holder.current().manifest.encoder_id == "hash@1"
    assert (holder.failures, holder.last_error) == (0, None)
    assert open_current(root, "hash@1", 32).manifest.encoder_id == "hash@1"
    assert open_current(root, "hash@2", 32).manifest.encoder_id == "hash@2"
    build_index(ARTICLES[:1], HashEncoder("hash@2"), root)
    assert not holder.refresh()
    assert holder.current().manifest.encoder_id == "hash@1"
    assert "hash@2" in str(holder.last_error)


def test_vanished_pointer_is_counted_and_the_old_one_keeps_serving(holder: IndexHolder, root: Path) -> None:
    (root / CURRENT_FILE).unlink()
    assert not holder.refresh()
    assert holder.failures == 1
    assert holder.current().version


def test_rollback_reaches_the_holder(holder: IndexHolder, root: Path, encoder: HashEncoder) -> None:
    first = read_pointer(root).version
    build_index(ARTICLES[:2], encoder, root)
    assert holder.refresh()
    rollback(root)
    assert holder.refresh()
    assert (holder.current().version, holder.swaps) == (first, 2)


def test_readers_never_see_a_torn_index_while_versions_change(root: Path, encoder: HashEncoder) -> None:
    holder = IndexHolder(root, "hash@1", 32, lambda: time.monotonic() * 1_000)
    query, errors, stop = HashEncoder().encode(["password"]), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            index = holder.current()
            hits = index.search(query, ["password"], ["en"])[0]
            if len(hits) != len({article_id for article_id, _ in index.articles}):
                errors.append(hits)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for count in (2, 7, 5, 6):
        build_index(ARTICLES[:count], encoder, root)
        time.sleep(0.02)
    stop.set()
    for reader in readers:
        reader.join()
    wait_for_refresh()
    holder.refresh()
    assert not errors
    assert holder.current().version == read_pointer(root).version

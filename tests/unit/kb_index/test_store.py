from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kb_index.build import build_index, update_index
from kb_index.errors import DamagedIndexError, IndexStoreError, NoIndexError
from kb_index.search import open_current
from kb_index.store import (
    CURRENT_FILE,
    list_versions,
    publish,
    read_pointer,
    rollback,
    verify_version,
    writing,
)
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder

FILES = (
    "articles.jsonl",
    "articles.starts.npy",
    "chunks.jsonl",
    "chunks.starts.npy",
    "chunks.hashes.npy",
    "layout/chunk_starts.npy",
    "layout/languages.npy",
    "layout/version_starts.npy",
    "lexical/documents.npy",
    "lexical/scores.npy",
    "lexical/starts.npy",
    "lexical/tokens.npy",
    "vectors.faiss",
)


def folder_in_use(root: Path) -> Path:
    return root / read_pointer(root).version


@pytest.mark.parametrize("name", FILES)
def test_truncated_file_is_named(root: Path, name: str) -> None:
    path = folder_in_use(root) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedIndexError, match=f"{name} has .* bytes where"):
        open_current(root, "hash@1", 32)


@pytest.mark.parametrize("name", FILES)
def test_changed_file_is_named(root: Path, name: str) -> None:
    path = folder_in_use(root) / name
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    with pytest.raises(DamagedIndexError, match=f"{name} has changed"):
        verify_version(folder_in_use(root))


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(root: Path, name: str) -> None:
    (folder_in_use(root) / name).unlink()
    with pytest.raises(DamagedIndexError, match=f"{name} cannot be read"):
        open_current(root, "hash@1", 32)


def test_empty_version_folder_is_an_error_with_a_remedy(root: Path) -> None:
    folder = folder_in_use(root)
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(DamagedIndexError, match="half written; run 'firstline index build'"):
        open_current(root, "hash@1", 32)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"format": 2}', '{"format": 99}', '{"format": 2, "files": []}']
)
def test_manifest_that_is_none_is_an_error(root: Path, content: str) -> None:
    (folder_in_use(root) / "manifest.json").write_text(content)
    with pytest.raises(DamagedIndexError, match=r"manifest\.json"):
        open_current(root, "hash@1", 32)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": "../../etc"}', '{"version": 3}', '{"version": null}', '{"other": "x"}']
)
def test_pointer_to_no_version_is_an_error(root: Path, content: str) -> None:
    (root / CURRENT_FILE).write_text(content)
    with pytest.raises(DamagedIndexError, match="CURRENT"):
        open_current(root, "hash@1", 32)


def test_manifest_of_another_version_is_an_error(root: Path, encoder: HashEncoder) -> None:
    old = folder_in_use(root)
    build_index(ARTICLES[:2], encoder, root)
    shutil.copy(old / "manifest.json", folder_in_use(root))
    with pytest.raises(DamagedIndexError, match="holds the manifest of"):
        open_current(root, "hash@1", 32)


def test_third_version_removes_the_first(root: Path, encoder: HashEncoder) -> None:
    first = read_pointer(root).version
    second = build_index(ARTICLES[:3], encoder, root).version
    assert list_versions(root) == [first, second]
    third = build_index(ARTICLES[:2], encoder, root).version
    assert list_versions(root) == [second, third]


def test_rollback_returns_to_the_version_before_once(root: Path, encoder: HashEncoder) -> None:
    first = read_pointer(root).version
    build_index(ARTICLES[:2], encoder, root)
    assert rollback(root) == first
    assert open_current(root, "hash@1", 32).version == first
    with pytest.raises(NoIndexError, match="no version older"):
        rollback(root)


def test_build_after_a_rollback_drops_the_version_that_was_left(root: Path, encoder: HashEncoder) -> None:
    first = read_pointer(root).version
    build_index(ARTICLES[:2], encoder, root)
    rollback(root)
    third = build_index(ARTICLES[:3], encoder, root).version
    assert list_versions(root) == [first, third]
    assert rollback(root) == first


def test_rollback_to_a_damaged_version_changes_nothing(root: Path, encoder: HashEncoder) -> None:
    (folder_in_use(root) / "vectors.faiss").write_bytes(b"")
    first = read_pointer(root).version
    second = update = build_index(ARTICLES[:2], encoder, root).version
    (root / CURRENT_FILE).write_text(json.dumps({"version": second, "previous": first}))
    with pytest.raises(DamagedIndexError):
        rollback(root)
    assert read_pointer(root).version == update


def test_build_over_a_damaged_version_keeps_the_last_sound_one(root: Path, encoder: HashEncoder) -> None:
    first = read_pointer(root).version
    second = build_index(ARTICLES[:2], encoder, root).version
    (root / second / "chunks.jsonl").unlink()
    with pytest.raises(DamagedIndexError):
        update_index(ARTICLES, encoder, root)
    build_index(ARTICLES, encoder, root)
    assert read_pointer(root).previous == first


def test_publish_that_fails_leaves_the_version_in_use_and_no_draft(root: Path) -> None:
    before = sorted(root.iterdir()), read_pointer(root)

    def fail(folder: Path) -> None:
        (folder / "half").write_text("written")
        raise OSError(28, "No space left on device")

    with writing(root), pytest.raises(IndexStoreError, match="No space left"):
        publish(root, fail)
    assert (sorted(root.iterdir()), read_pointer(root)) == before


def test_draft_of_a_killed_build_is_not_a_version_and_the_next_build_removes_it(
    root: Path, encoder: HashEncoder
) -> None:
    draft = root / ".draft-20990101T000000000000Z-00000000"
    draft.mkdir()
    (draft / "articles.jsonl").write_text("{")
    assert open_current(root, "hash@1", 32).version == list_versions(root)[-1]
    build_index(ARTICLES[:2], encoder, root)
    assert not draft.exists()


def test_list_versions_of_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list_versions(tmp_path / "none") == []


def test_writing_under_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexStoreError, match="cannot be written"), writing(tmp_path / "file" / "index"):
        pass

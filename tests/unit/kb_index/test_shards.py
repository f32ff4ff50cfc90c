from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kb_index.build import WORK_FOLDER, BuildOptions, build_index, update_index
from kb_index.embedding import Sharding
from kb_index.errors import NoIndexError, UnusableInputError
from kb_index.search import KnowledgeIndex, open_current
from kb_index.store import read_pointer
from tests.unit.kb_index.fakes import ARTICLES, HashEncoder, LongEncoder
from tests.unit.kb_index.slow_build import SHARDS, articles

TEXTS = {"en": "where is parcel 7", "ja": "荷物7が遅れています", "zh": "密码"}


def ask(index: KnowledgeIndex) -> object:
    return index.search(HashEncoder().encode(list(TEXTS.values())), list(TEXTS.values()), list(TEXTS))


@pytest.mark.parametrize(("shards", "jobs"), [(3, 1), (1_000, 1), (4, 2)])
def test_build_in_shards_equals_a_build_at_once(
    tmp_path: Path, encoder: HashEncoder, shards: int, jobs: int
) -> None:
    once = build_index(ARTICLES, encoder, tmp_path / "once")
    parts = build_index(ARTICLES, encoder, tmp_path / "parts", BuildOptions(sharding=Sharding(shards, jobs)))
    assert (parts.embedded, parts.chunks) == (once.embedded, once.chunks)
    indexes = [open_current(tmp_path / name, encoder.id, encoder.dim) for name in ("once", "parts")]
    assert ask(indexes[0]) == ask(indexes[1])
    assert indexes[0].manifest.content_hash == indexes[1].manifest.content_hash
    assert not (tmp_path / "parts" / WORK_FOLDER).exists()


def test_build_from_a_stream_equals_a_build_from_a_list(tmp_path: Path, encoder: HashEncoder) -> None:
    build_index(ARTICLES, encoder, tmp_path / "list")
    build_index(iter(ARTICLES[::-1]), encoder, tmp_path / "stream")
    files = [
        (tmp_path / name / read_pointer(tmp_path / name).version / "articles.jsonl").read_bytes()
        for name in ("list", "stream")
    ]
    assert files[0] == files[1]


def test_update_from_a_stream_counts_what_differs(root: Path, encoder: HashEncoder) -> None:
    report = update_index(iter(ARTICLES[1:]), encoder, root, BuildOptions(sharding=Sharding(2)))
    assert (report.unchanged, report.deleted, report.embedded) == (6, 1, 0)


@pytest.mark.parametrize("stream", [(), (ARTICLES[0], ARTICLES[1], ARTICLES[0])])
def test_build_from_an_unusable_stream_is_refused(
    tmp_path: Path, encoder: HashEncoder, stream: tuple[object, ...]
) -> None:
    with pytest.raises(UnusableInputError, match=r"no article|twice"):
        build_index(iter(stream), encoder, tmp_path)  # type: ignore[arg-type]


def test_build_that_is_killed_goes_on_where_it_was(tmp_path: Path, encoder: HashEncoder) -> None:
    command = [sys.executable, "-m", "tests.unit.kb_index.slow_build", str(tmp_path), "2"]
    with subprocess.Popen(command) as process:
        while not finished(tmp_path):
            assert process.poll() is None, "the build ended before a shard was finished"
            time.sleep(0.05)
        process.kill()
    kept = finished(tmp_path)
    assert 0 < len(kept) < SHARDS
    with pytest.raises(NoIndexError):
        read_pointer(tmp_path)
    known = sum(len(np.load(shard / "hashes.npy")) for shard in kept)
    report = build_index(articles(), encoder, tmp_path, BuildOptions(sharding=Sharding(SHARDS)))
    assert report.embedded == len(encoder.seen) == report.chunks - known
    build_index(articles(), encoder, tmp_path / "other")
    resumed, whole = (open_current(root, encoder.id, encoder.dim) for root in (tmp_path, tmp_path / "other"))
    assert ask(resumed) == ask(whole)


def finished(root: Path) -> list[Path]:
    return [path.parent for path in (root / WORK_FOLDER).glob("*/[!.]*/hashes.npy")]


def test_shards_of_another_encoder_are_not_taken(tmp_path: Path, encoder: HashEncoder) -> None:
    class StoppingEncoder(HashEncoder):
        """Fails at the second shard."""

        def encode(self, *arguments: object) -> object:  # type: ignore[override]
            if self.seen:
                raise KeyboardInterrupt
            return super().encode(*arguments)  # type: ignore[arg-type]

    options = BuildOptions(sharding=Sharding(4))
    with pytest.raises(KeyboardInterrupt):
        build_index(ARTICLES, StoppingEncoder("hash@2"), tmp_path, options)
    assert len(finished(tmp_path)) == 1
    report = build_index(ARTICLES, encoder, tmp_path, options)
    assert report.embedded == report.chunks


def test_shards_of_vectors_that_are_not_unit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="unit rows"):
        build_index(ARTICLES, LongEncoder(), tmp_path, BuildOptions(sharding=Sharding(3)))
    assert not finished(tmp_path)


@pytest.mark.parametrize(("shards", "jobs"), [(0, 1), (1, 0), (-2, 1)])
def test_sharding_without_sense_is_refused(shards: int, jobs: int) -> None:
    with pytest.raises(UnusableInputError, match="shards and jobs"):
        Sharding(shards, jobs)


def test_progress_is_told_of_every_stage(tmp_path: Path, encoder: HashEncoder) -> None:
    told: list[tuple[str, int, int]] = []
    progress = lambda stage, done, total: told.append((stage, done, total))  # noqa: E731
    report = build_index(ARTICLES, encoder, tmp_path, BuildOptions(sharding=Sharding(3), progress=progress))
    embedded = [done for stage, done, total in told if stage == "embedded" and total == report.embedded]
    assert embedded == sorted(embedded)
    assert embedded[-1] == report.embedded
    assert told[-1] == ("words counted", 7, 7)

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from data.schema import UNDETERMINED
from models.bundle import MANIFEST_FILE, URGENT_FROM, WEIGHTS_FILE, Bundle, load_bundle, save_bundle
from models.errors import BundleError
from models.reading import Reading
from models.static_encoder import StaticEncoder
from tests.unit.models.tiny import TEXTS, TOPIC_CATEGORY, tiny_bundle, tiny_candidate, tiny_encoder

LANGUAGES = [None] * len(TEXTS)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return tiny_bundle()


@pytest.fixture
def folder(tmp_path: Path, bundle: Bundle) -> Path:
    save_bundle(bundle, tmp_path / "bundle")
    return tmp_path / "bundle"


def numbers(readings: list[Reading]) -> np.ndarray:
    return np.array(
        [
            [
                *r.categories.values(),
                *r.topics.values(),
                r.sentiment.probability,
                r.urgent.probability,
                r.out_of_scope,
            ]
            for r in readings
        ]
    )


def change_manifest(folder: Path, **changes: Any) -> None:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_load_bundle_saved_bundle_gives_the_same_readings(folder: Path, bundle: Bundle) -> None:
    loaded = load_bundle(folder, bundle.encoder)
    before, after = bundle.read(TEXTS, LANGUAGES), loaded.read(TEXTS, LANGUAGES)
    np.testing.assert_allclose(numbers(after), numbers(before), atol=1e-6)
    assert [r.sentiment.value for r in after] == [r.sentiment.value for r in before]
    assert [r.language for r in after] == [r.language for r in before]


def test_load_bundle_saved_bundle_gives_the_same_verdicts(folder: Path, bundle: Bundle) -> None:
    loaded = load_bundle(folder, bundle.encoder)
    readings = bundle.read(TEXTS, LANGUAGES)
    found = [[tiny_candidate(), tiny_candidate("KB001", 0.4)]] * len(TEXTS)
    lengths = [len(text) for text in TEXTS]
    assert loaded.judge(readings, found, lengths) == bundle.judge(readings, found, lengths)


def test_load_bundle_everything_else_comes_back(folder: Path, bundle: Bundle) -> None:
    loaded = load_bundle(folder, bundle.encoder)
    assert loaded.thresholds == bundle.thresholds
    assert loaded.topic_category == bundle.topic_category
    assert loaded.scorer.topic_articles == bundle.scorer.topic_articles
    assert (loaded.data_hash, loaded.metrics) == ("toy", {"overall": {"f1": 0.5}})
    assert loaded.version == json.loads((folder / MANIFEST_FILE).read_text())["version"]


def test_save_bundle_same_content_has_the_same_version(tmp_path: Path, bundle: Bundle) -> None:
    first = save_bundle(bundle, tmp_path / "a")
    assert save_bundle(replace(bundle, metrics={"other": 1}), tmp_path / "b") == first
    assert save_bundle(replace(bundle, data_hash="new"), tmp_path / "c") != first
    assert save_bundle(tiny_bundle(seed=1), tmp_path / "d") != first


def test_save_bundle_writes_nothing_pickled(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {MANIFEST_FILE, WEIGHTS_FILE}


def test_load_bundle_changed_weights_are_refused(folder: Path, bundle: Bundle) -> None:
    tensors = load_file(folder / WEIGHTS_FILE)
    tensors["topic.dense.bias"] = tensors["topic.dense.bias"] + 1
    save_file(tensors, folder / WEIGHTS_FILE)
    with pytest.raises(BundleError, match="restore or retrain"):
        load_bundle(folder, bundle.encoder)


@pytest.mark.parametrize("name", [MANIFEST_FILE, WEIGHTS_FILE])
def test_load_bundle_missing_or_truncated_file_is_refused(folder: Path, bundle: Bundle, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(BundleError, match="not a complete bundle"):
        load_bundle(folder, bundle.encoder)
    (folder / name).unlink()
    with pytest.raises(BundleError, match="firstline train all"):
        load_bundle(folder, bundle.encoder)


def test_load_bundle_other_format_is_refused(folder: Path, bundle: Bundle) -> None:
    change_manifest(folder, format=99)
    with pytest.raises(BundleError, match="format 99"):
        load_bundle(folder, bundle.encoder)


@pytest.mark.parametrize("content", ["[]", "{}", '"text"', '{"format": 1}'])
def test_load_bundle_manifest_of_something_else_is_refused(
    folder: Path, bundle: Bundle, content: str
) -> None:
    (folder / MANIFEST_FILE).write_text(content)
    with pytest.raises(BundleError):
        load_bundle(folder, bundle.encoder)


def test_load_bundle_other_encoder_is_refused(folder: Path) -> None:
    with pytest.raises(BundleError, match="was trained on the encoder tiny@"):
        load_bundle(folder, tiny_encoder(seed=1))


def test_load_bundle_other_vocabulary_is_refused(tmp_path: Path, shipped: StaticEncoder) -> None:
    """Heads that count the tokens of one static encoder cannot be fed by those of another."""

    class Constant:
        id, dim = "constant@1", 4

        def encode(self, texts: list[str], kind: object = None) -> np.ndarray:
            return np.full((len(texts), 4), 0.5, dtype=np.float32)

    save_bundle(tiny_bundle(Constant()), tmp_path)  # type: ignore[arg-type]
    with pytest.raises(BundleError, match=f"not of {shipped.id}"):
        load_bundle(tmp_path, Constant())  # type: ignore[arg-type]


def test_read_texts_gives_probabilities_that_agree(bundle: Bundle) -> None:
    for reading in bundle.read(TEXTS, LANGUAGES):
        assert sum(reading.topics.values()) == pytest.approx(1, abs=1e-4)
        assert sum(reading.categories.values()) == pytest.approx(1, abs=1e-4)
        for topic, category in TOPIC_CATEGORY.items():
            assert reading.categories[category] == pytest.approx(reading.topics[topic], abs=1e-5)
        assert reading.category.probability == pytest.approx(max(reading.categories.values()))
        assert reading.topic.value == max(reading.topics, key=lambda name: reading.topics[name])
        assert reading.is_urgent == (reading.urgent.probability >= URGENT_FROM)
        assert 0 <= reading.out_of_scope <= 1


def test_read_given_language_is_believed_and_none_is_found_out(bundle: Bundle) -> None:
    readings = bundle.read(["我的订单在哪里？", "我的订单在哪里？", "🙂"], ["fr", None, None])
    assert [reading.language for reading in readings] == ["fr", "zh", UNDETERMINED]


def test_read_batch_equals_single_texts(bundle: Bundle) -> None:
    texts = [*TEXTS, "", "\ud800", "x" * 50_000]
    together = numbers(bundle.read(texts, [None] * len(texts)))
    singles = numbers([bundle.read([text], [None])[0] for text in texts])
    np.testing.assert_allclose(together, singles, atol=1e-5)
    assert np.isfinite(together).all()


def test_read_no_text_gives_no_reading(bundle: Bundle) -> None:
    assert bundle.read([], []) == []


def test_judge_threshold_is_that_of_the_predicted_category(bundle: Bundle) -> None:
    from tests.unit.models.tiny import tiny_reading

    readings = [
        tiny_reading({"order_tracking": 1.0}),
        tiny_reading({"password_reset": 1.0}),
        tiny_reading({"human_agent": 1.0}),
    ]
    verdicts = bundle.judge(readings, [[tiny_candidate()]] * 2 + [[]], [10] * 3)
    assert [verdict.threshold for verdict in verdicts] == [0.4, None, None]
    assert [verdict.article_id for verdict in verdicts] == ["KB003", "KB003", None]
    assert not verdicts[1].reaches_threshold

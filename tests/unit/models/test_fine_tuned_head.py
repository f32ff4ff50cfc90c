from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundle import MANIFEST_FILE, Bundle, load_bundle, save_bundle
from models.champion import install, open_champion
from models.errors import BundleError, ModelError
from models.features import FeatureReader
from models.fine_tuned_head import FineTunedHead, SequenceClassifier
from models.heads import LightHead
from tests.unit.models.tiny import SENTIMENTS, TEXTS, tiny_bundle, tiny_encoder
from tests.unit.models.tiny_transformer import tiny_classifier

HARD = ["", "🙂", "\ud800 kaputt", "注文 " * 500, "我的订单在哪里？"]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> SequenceClassifier:
    return SequenceClassifier(tiny_classifier(tmp_path_factory.mktemp("head"), TEXTS, SENTIMENTS))


@pytest.fixture(scope="module")
def bundle(classifier: SequenceClassifier) -> Bundle:
    """A bundle whose sentiment is read by a transformer, the rest by light heads."""
    light = tiny_bundle()
    return replace(light, heads={**light.heads, "sentiment": FineTunedHead(SENTIMENTS, classifier, 1.7)})


@pytest.fixture
def folder(tmp_path: Path, bundle: Bundle) -> Path:
    save_bundle(bundle, tmp_path / "made")
    return tmp_path / "made"


def sentiments(bundle: Bundle) -> np.ndarray:
    features = FeatureReader(bundle.encoder, bundle.vocabulary).read([*TEXTS, *HARD])
    return bundle.heads["sentiment"].log_probabilities(features)


def test_log_probabilities_rows_sum_to_one(bundle: Bundle) -> None:
    logs = sentiments(bundle)
    assert (logs.shape, logs.dtype) == ((len(TEXTS) + len(HARD), 5), np.float32)
    np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1, atol=1e-5)


def test_log_probabilities_higher_temperature_is_less_sure(classifier: SequenceClassifier) -> None:
    encoder = tiny_encoder()
    features = FeatureReader(encoder, encoder).read(TEXTS)
    cold, warm = (FineTunedHead(SENTIMENTS, classifier, t).log_probabilities(features) for t in (0.1, 5.0))
    assert (cold.max(axis=1) > warm.max(axis=1)).all()
    np.testing.assert_array_equal(cold.argmax(axis=1), warm.argmax(axis=1))


def test_logits_batch_equals_single_texts_in_their_order(classifier: SequenceClassifier) -> None:
    texts = [*TEXTS, *HARD] * 4
    singles = np.concatenate([classifier.logits([text]) for text in texts])
    np.testing.assert_allclose(classifier.logits(texts), singles, atol=1e-5)
    assert np.ptp(singles, axis=0).max() > 1e-3


def test_logits_no_text_gives_no_row(classifier: SequenceClassifier) -> None:
    assert classifier.logits([]).shape == (0, 5)


def test_logits_first_use_prints_nothing(
    classifier: SequenceClassifier, capfd: pytest.CaptureFixture[str]
) -> None:
    SequenceClassifier(classifier.folder).logits(["注文はどこですか"])
    assert capfd.readouterr() == ("", "")


def test_logits_folder_without_a_model_says_so_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a fine-tuned head") as caught:
        SequenceClassifier(tmp_path).logits(["x"])
    assert "\n" not in str(caught.value)


def test_load_bundle_fine_tuned_head_gives_the_same_numbers(folder: Path, bundle: Bundle) -> None:
    loaded = load_bundle(folder, bundle.encoder)
    assert isinstance(loaded.heads["topic"], LightHead)
    np.testing.assert_array_equal(sentiments(loaded), sentiments(bundle))


def test_save_bundle_fine_tuned_head_is_copied_without_a_pickle(folder: Path) -> None:
    files = {path.name for path in (folder / "heads" / "sentiment").iterdir()}
    assert files == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}


def test_save_bundle_over_itself_keeps_the_head(folder: Path, bundle: Bundle) -> None:
    loaded = load_bundle(folder, bundle.encoder)
    assert save_bundle(loaded, folder) == loaded.version
    np.testing.assert_array_equal(sentiments(load_bundle(folder, bundle.encoder)), sentiments(bundle))


def test_install_bundle_with_a_fine_tuned_head_brings_it_along(
    folder: Path, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.bundle.open_encoder", lambda _: bundle.encoder)
    (tmp_path / "bundles").mkdir()
    install(folder, tmp_path / "bundles", "v1")
    np.testing.assert_array_equal(sentiments(open_champion(tmp_path / "bundles")), sentiments(bundle))


@pytest.mark.parametrize("damage", ["change", "remove", "add"])
def test_load_bundle_damaged_fine_tuned_head_is_refused(folder: Path, bundle: Bundle, damage: str) -> None:
    head = folder / "heads" / "sentiment"
    if damage == "change":
        content = bytearray((head / "model.safetensors").read_bytes())
        content[-1] ^= 1
        (head / "model.safetensors").write_bytes(content)
    elif damage == "remove":
        (head / "tokenizer.json").unlink()
    else:
        (head / "modeling.py").write_text("raise SystemExit", encoding="utf-8")
    with pytest.raises(BundleError, match="restore or retrain"):
        load_bundle(folder, bundle.encoder)


def test_save_bundle_version_depends_on_the_transformer(bundle: Bundle, folder: Path, tmp_path: Path) -> None:
    version = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))["version"]
    other = SequenceClassifier(tiny_classifier(tmp_path / "other", TEXTS, SENTIMENTS, seed=1))
    changed = replace(bundle, heads={**bundle.heads, "sentiment": FineTunedHead(SENTIMENTS, other, 1.7)})
    assert save_bundle(changed, tmp_path / "changed") != version


def test_read_light_bundle_never_imports_torch() -> None:
    """The service is ready in seconds because nothing of it loads torch, whatever kinds of head there are."""
    code = (
        "import sys; from tests.unit.models.tiny import tiny_bundle, TEXTS; "
        "tiny_bundle().read(TEXTS, [None] * len(TEXTS)); "
        "sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.bundle import MANIFEST_FILE, WEIGHTS_FILE, load_bundle, save_bundle
from models.encoder import unit_rows
from models.resolution import TICKET_FEATURES
from tests.unit.models.tiny import TEXTS, tiny_bundle, tiny_candidate

SLOPE, INTERCEPT = 0.8, -0.3


def write_format_1(folder: Path, centroids: np.ndarray) -> None:
    """Makes the bundle in `folder` what the version before wrote."""
    tensors = load_file(folder / WEIGHTS_FILE)
    kept = {name: value for name, value in tensors.items() if not name.startswith("novelty.")}
    save_file({**kept, "novelty.centroids": centroids}, folder / WEIGHTS_FILE)
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest["format"] = 1
    manifest["scorer"]["calibration"] = [SLOPE, INTERCEPT]
    manifest["weights_hash"] = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def test_load_bundle_of_the_format_before_says_what_it_said(tmp_path: Path) -> None:
    bundle = tiny_bundle()
    save_bundle(bundle, tmp_path)
    random = np.random.default_rng(3)
    centroids = unit_rows(random.standard_normal((3, bundle.encoder.dim)).astype(np.float32))
    write_format_1(tmp_path, centroids)
    loaded = load_bundle(tmp_path, bundle.encoder)
    reading = loaded.read(list(TEXTS), ["ja"] * len(TEXTS))[6]
    nearest = float((reading.embedding @ centroids.T).max())
    assert reading.out_of_scope == pytest.approx(0.5 - nearest / 3, abs=1e-6)
    old = bundle.scorer
    _, features = old.describe(reading, [tiny_candidate()], 20)
    row = np.array(features)
    row[TICKET_FEATURES.index("out_of_scope")] = (1 - nearest) / 2
    logit = float(((row - old.mean) / old.scale) @ old.ticket_weights) + old.ticket_bias
    ((_, probability),) = loaded.scorer.score([reading], [[tiny_candidate()]], [20])
    assert probability == pytest.approx(1 / (1 + math.exp(-(SLOPE * logit + INTERCEPT))), abs=1e-6)

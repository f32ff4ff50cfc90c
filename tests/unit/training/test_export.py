"""The exported model gives the vectors of the encoder it came from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.encoder import open_encoder
from models.static_encoder import StaticEncoder
from training.export import export_sentence_transformer

TEXTS = [
    "I forgot my password!",
    "Où est ma commande ?\nMerci",
    "¿Dónde está MI pedido  #7730912?",
    "Meine Lampe geht nicht mehr",
    "発送された商品が届きません",
    "發貨了嗎？我的燈壞了",
    "not happy " * 400,
    "",
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    encoder = open_encoder()
    assert isinstance(encoder, StaticEncoder)
    folder = tmp_path_factory.mktemp("export") / "exported"
    export_sentence_transformer(encoder, folder)
    return folder


def test_export_sentence_transformer_loaded_again_gives_the_same_vectors(exported: Path) -> None:
    from sentence_transformers import SentenceTransformer

    again = SentenceTransformer(str(exported), trust_remote_code=True, device="cpu").encode(TEXTS)
    np.testing.assert_allclose(again, open_encoder().encode(TEXTS), atol=1e-3)


def test_export_sentence_transformer_folder_needs_nothing_of_firstline(exported: Path) -> None:
    modules = json.loads((exported / "modules.json").read_text(encoding="utf-8"))
    assert modules[0]["type"] == "static_bigrams.StaticBigrams"
    source = (exported / "static_bigrams.py").read_text(encoding="utf-8")
    assert not [
        line
        for line in source.splitlines()
        if line.startswith(("from training", "from models", "import models"))
    ]

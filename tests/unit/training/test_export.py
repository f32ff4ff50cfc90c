"""The exported model gives the vectors of the encoder it came from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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
]


def test_export_sentence_transformer_loaded_again_gives_the_same_vectors(tmp_path: Path) -> None:
    encoder = open_encoder()
    assert isinstance(encoder, StaticEncoder)

    export_sentence_transformer(encoder, tmp_path / "exported")

    again = open_encoder(str(tmp_path / "exported")).encode(TEXTS)
    np.testing.assert_allclose((again * encoder.encode(TEXTS)).sum(axis=1), 1, atol=1e-3)

from __future__ import annotations

import pytest

from models.bundle import open_vocabulary
from models.static_encoder import StaticEncoder
from tests.unit.models.tiny import tiny_encoder


@pytest.fixture(scope="session")
def shipped() -> StaticEncoder:
    """The encoder that ships with the project."""
    return open_vocabulary()


@pytest.fixture(scope="session")
def tiny() -> StaticEncoder:
    return tiny_encoder()

from __future__ import annotations

import pytest

from tests.unit.serving.api.fakes import Service, make_service


@pytest.fixture
def service() -> Service:
    return make_service()

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from training.cli import app

Evaluate = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def evaluate(trained_var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    """Runs a command of the laboratory on the trained desk; returns its JSON and its page."""
    monkeypatch.setenv("FIRSTLINE_VAR", str(trained_var))

    def run(*arguments: str) -> tuple[dict[str, Any], str]:
        page = tmp_path / "page.html"
        command = ["evaluate", *arguments, "--json", "--report", str(page)]
        result = CliRunner().invoke(app, command, catch_exceptions=False)
        return json.loads(result.stdout), page.read_text(encoding="utf-8")

    return run

"""``firstline registry`` and the end of ``firstline train`` as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.champion import champion_version
from models.history import HISTORY_FILE, read_history
from serving.errors import ConfigError
from tests.unit.training.registrar import Registered, Registrar
from training.cli import app
from training.errors import TrainingError
from training.pipeline import PipelineConfig

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]
Registry = Callable[..., Result]


@pytest.fixture
def bundles(registrar: Registrar) -> Path:
    """Where the trained toy bundle is served from."""
    registrar.promote("good")
    return registrar.settings.models.bundles


@pytest.fixture
def registry(registered: Registered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setenv("FIRSTLINE_VAR", str(tmp_path))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered.uri)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["registry", *arguments])

    return run


def test_registry_list_names_what_is_served(
    registry: Registry, bundles: Path, registered: Registered
) -> None:
    rows = json.loads(registry("list", "--json").stdout)
    served = [row for row in rows if row["served"]]
    assert [(row["bundle"], row["aliases"]) for row in served] == [(registered.bundles["good"], ["champion"])]
    assert registered.bundles["worse"] in registry("list").stdout


def test_registry_promote_refused_is_exit_code_1_with_a_line_a_reason(
    registry: Registry, bundles: Path, registered: Registered
) -> None:
    result = registry("promote", registered.numbers["worse"])
    assert result.exit_code == 1
    reasons = result.stderr.splitlines()
    assert len(reasons) > 1
    assert all(line.startswith("refused: ") for line in reasons)
    assert champion_version(bundles) == registered.bundles["good"]


def test_registry_promote_json_holds_everything_that_was_compared(
    registry: Registry, bundles: Path, registered: Registered
) -> None:
    result = registry("promote", registered.bundles["worse"][:7], "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["promoted"]) == (1, False)
    assert found["reasons"]
    assert {row["name"] for row in found["compared"]} >= {"all", "en", "de", "ja", "shipping"}
    assert {verdict["gate"].split(".")[0] for verdict in found["gates"]} >= {
        "present", "comparison", "guarantee", "calibration", "latency", "size"}  # fmt: skip
    assert found["champion"]["bundle"] == registered.bundles["good"]


def test_registry_promote_forced_then_rolled_back_is_in_the_history(
    registry: Registry, bundles: Path, registered: Registered
) -> None:
    forced = registry("promote", registered.numbers["worse"], "--force", "Messe in 東京", "--actor", "ben")
    assert (forced.exit_code, champion_version(bundles)) == (0, registered.bundles["worse"])
    back = json.loads(registry("rollback", "--why", "zu viele Fehler", "--json").stdout)
    assert (back["from"], back["to"]) == (registered.bundles["worse"], registered.bundles["good"])
    records = json.loads(registry("history", "--json").stdout)["records"]
    assert [record["action"] for record in records] == ["promote", "promote", "rollback"]
    assert (records[1]["actor"], records[1]["forced"]) == ("ben", "Messe in 東京")
    assert records[2]["note"] == "zu viele Fehler"


def test_registry_promote_force_without_a_reason_is_refused(registry: Registry, bundles: Path) -> None:
    assert registry("promote", "1", "--force", " ").exit_code == 2
    assert len(read_history(bundles).records) == 1


def test_registry_promote_own_gates_decide(
    registry: Registry, bundles: Path, registered: Registered, tmp_path: Path
) -> None:
    strict = tmp_path / "gates.toml"
    shipped = Path("evaluation/gates.toml").read_text(encoding="utf-8")
    strict.write_text(shipped.replace("bundle_mb = 600.0", "bundle_mb = 0.001"), encoding="utf-8")
    result = registry("promote", registered.numbers["again"], "--gates", str(strict))
    assert result.exit_code == 1
    assert "MB of bundle" in result.stderr
    strict.write_text(shipped + "\n[vibes]\ngood = true\n", encoding="utf-8")
    assert isinstance(registry("promote", "1", "--gates", str(strict)).exception, ConfigError)


def test_registry_rollback_with_nothing_before_is_refused(registry: Registry, bundles: Path) -> None:
    assert isinstance(registry("rollback").exception, TrainingError)


def test_registry_history_that_was_changed_is_exit_code_1(registry: Registry, bundles: Path) -> None:
    path = bundles / HISTORY_FILE
    path.write_text(path.read_text(encoding="utf-8").replace("ana", "eve"), encoding="utf-8")
    result = registry("history")
    assert result.exit_code == 1
    assert f"{HISTORY_FILE}:1" in result.stderr


def test_registry_compare_writes_a_page_and_serves_nothing(
    registry: Registry, registered: Registered, bundles: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    pair = (registered.numbers["good"], registered.numbers["worse"])
    found = json.loads(registry("compare", *pair, "--json", "--report", str(page)).stdout)
    assert found["agreement"]["tickets"] == found["test_tickets"] == 45
    assert found["reasons"]
    text = page.read_text(encoding="utf-8")
    assert registered.bundles["worse"] in text
    assert "By language" in text
    assert len(read_history(bundles).records) == 1


def test_registry_compare_with_a_version_that_cannot_be_opened_says_why(
    registry: Registry, registered: Registered, bundles: Path
) -> None:
    (registered.folder / "encoder").rename(registered.folder / "moved")
    try:
        result = registry("compare", registered.numbers["good"], registered.numbers["other"])
    finally:
        (registered.folder / "moved").rename(registered.folder / "encoder")
    assert isinstance(result.exception, TrainingError)
    assert "cannot be served" in str(result.exception)
    assert "encoder" in str(result.exception)


def test_train_promotes_through_the_gates_and_without_a_champion_a_refusal_is_exit_code_1(
    config: PipelineConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_VAR", str(tmp_path))
    monkeypatch.setenv("FIRSTLINE_ENCODER", config.encoder)
    impossible = tmp_path / "gates.toml"
    shipped = Path("evaluation/gates.toml").read_text(encoding="utf-8")
    impossible.write_text(
        shipped.replace("ms_per_ticket = 20.0", "ms_per_ticket = 0.000001"), encoding="utf-8"
    )
    data = ("--tickets", str(config.tickets), "--articles", str(config.articles))
    command = ["train", "all", *data, "--taxonomy", str(config.taxonomy)]
    refused = CliRunner().invoke(app, [*command, "--gates", str(impossible)])
    assert refused.exit_code == 1, refused.output
    assert "refused: " in refused.stderr
    assert "ms a ticket" in refused.stderr
    promoted = CliRunner().invoke(app, ["registry", "promote", "challenger"])
    assert isinstance(promoted.exception, TrainingError) or promoted.exit_code == 1

from pathlib import Path

import pytest
from pydantic import ValidationError

from data.schema import Channel
from serving.domain.ticket import Priority
from serving.errors import ConfigError
from serving.settings import default_config_path, load_settings
from serving.settings.load import SHIPPED_FILE


def test_load_shipped_file_with_an_empty_environment_has_the_documented_values() -> None:
    settings = load_settings(SHIPPED_FILE, {})
    assert settings.database.url == "sqlite:///var/firstline.db"
    assert settings.index.root == Path("var/index")
    assert settings.service.port == 8080
    assert settings.sla.targets[Channel.CHAT][Priority.CRITICAL].resolution_hours == 2


def test_load_takes_the_variables_of_the_brief() -> None:
    environ = {
        "DATABASE_URL": "postgresql+psycopg://u:p${x}@h/d",
        "LOG_LEVEL": "DEBUG",
        "MAX_CONCURRENT_TICKETS": "7",
        "FIRSTLINE_VAR": "/srv/firstline",
    }
    settings = load_settings(SHIPPED_FILE, environ)
    assert settings.database.url == "postgresql+psycopg://u:p${x}@h/d"
    assert settings.logging.level == "DEBUG"
    assert settings.service.max_concurrent_tickets == 7
    assert settings.models.bundles == Path("/srv/firstline/bundles")
    assert (
        load_settings(SHIPPED_FILE, {"FIRSTLINE_VAR": "/srv"}).database.url == "sqlite:////srv/firstline.db"
    )


def test_load_without_a_path_follows_firstline_config(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(SHIPPED_FILE.read_text("utf-8").replace("company: Lumora", "company: Äther"), "utf-8")
    assert load_settings(None, {"FIRSTLINE_CONFIG": str(other)}).replies.company == "Äther"


def test_default_path_is_here_or_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_config_path({}) == SHIPPED_FILE
    (tmp_path / "support.yaml").write_text("a: 1")
    assert default_config_path({}) == Path("support.yaml")


def test_settings_are_frozen() -> None:
    settings = load_settings(SHIPPED_FILE, {})
    with pytest.raises(ValidationError):
        settings.service.port = 1


def test_load_wrong_file_raises_with_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "support.yaml"
    text = SHIPPED_FILE.read_text("utf-8").replace("company: Lumora", "compny: Lumora")
    path.write_text(text.replace("max_attempts: 3", "max_attempts: -1"), "utf-8")
    with pytest.raises(ConfigError) as raised:
        load_settings(path, {})
    lines = "\n".join(raised.value.problems)
    assert "replies.compny: unknown key 'compny'; did you mean 'company'?" in lines
    assert "replies.company: is missing" in lines
    assert "gate.max_attempts: must be greater than or equal to 0" in lines
    assert str(path) in str(raised.value)


def test_env_example_names_only_variables_that_are_read() -> None:
    from serving.settings.load import OWN_VARIABLES
    from serving.settings.yaml_file import read_values, variables_in

    values, _ = read_values(SHIPPED_FILE)
    read = variables_in(values) | set(OWN_VARIABLES)
    lines = (SHIPPED_FILE.parent / ".env.example").read_text("utf-8").splitlines()
    named = {line.lstrip("#").split("=")[0] for line in lines if "=" in line and not line.startswith("# ")}
    assert named == read

"""Reading the settings: the only place that looks at the environment."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from serving.errors import ConfigError
from serving.settings.problems import Problem, from_validation, unknown
from serving.settings.references import find_inconsistencies, find_unknown_references
from serving.settings.settings import Settings
from serving.settings.yaml_file import read_values, replace_variables, variables_in

FILE_NAME = "support.yaml"
SHIPPED_FILE = Path(__file__).parents[2] / FILE_NAME
PREFIX = "FIRSTLINE_"
OWN_VARIABLES = ("FIRSTLINE_CONFIG", "FIRSTLINE_VAR")


def default_config_path(environ: Mapping[str, str] | None = None) -> Path:
    """Returns the file that is used when none is named.

    That is ``FIRSTLINE_CONFIG``, else support.yaml in the working directory, else the shipped one.
    """
    named = (os.environ if environ is None else environ).get("FIRSTLINE_CONFIG")
    if named:
        return Path(named)
    here = Path(FILE_NAME)
    return here if here.is_file() else SHIPPED_FILE


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Returns the settings of a file (see `default_config_path`) and the environment.

    Raises:
        ConfigError: something is wrong; it carries every problem found.
    """
    environ = os.environ if environ is None else environ
    path = path or default_config_path(environ)
    values, problems = read_values(path)
    if not problems:
        settings, problems = parse_settings(values, environ)
        if settings is not None:
            return settings
    raise ConfigError(str(path), [str(problem) for problem in problems])


def parse_settings(
    values: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Settings | None, list[Problem]]:
    """Returns the settings that `values` (as written in YAML) make, or None and what is wrong with them."""
    replaced, problems = replace_variables(dict(values), environ)
    try:
        settings = Settings.model_validate(replaced)
    except ValidationError as error:
        unset = {problem.path for problem in problems}
        found = from_validation(error, Settings)
        return None, problems + [problem for problem in found if problem.path not in unset]
    problems += find_inconsistencies(settings)
    return (None if problems else settings), problems


def check(
    path: Path | None,
    article_ids: Collection[str],
    topics: Collection[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[Problem]:
    """Returns everything that is wrong with a settings file and the environment; empty if all is well.

    Args:
        path: of the file, None for the default one.
        article_ids: the articles there are.
        topics: the topics there are, None to leave them unchecked.
        environ: instead of the process's environment.
    """
    environ = os.environ if environ is None else environ
    values, problems = read_values(path or default_config_path(environ))
    if problems:
        return problems
    settings, problems = parse_settings(values, environ)
    problems = [*problems, *_misspelt_variables(environ, variables_in(values))]
    if settings is None:
        return problems
    return problems + find_unknown_references(settings, article_ids, topics)


def _misspelt_variables(environ: Mapping[str, str], used: set[str]) -> list[Problem]:
    known = used | set(OWN_VARIABLES)
    return [
        Problem(f"environment.{name}", unknown("variable", name, (k for k in known if k.startswith(PREFIX))))
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known
    ]

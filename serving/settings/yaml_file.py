"""support.yaml as plain values: no key twice, variables replaced."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from serving.settings.interpolation import (
    UnclosedVariableError,
    UnsetVariableError,
    interpolate,
    variables,
)
from serving.settings.problems import Problem


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a key given twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_values(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Returns the values of a YAML file as written, and what is wrong with the file as such."""
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 a SafeLoader
    except OSError as error:
        return {}, [Problem("", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError as error:
        return {}, [Problem("", f"is not UTF-8: {error}")]
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        return {}, [Problem("", f"{line}{error.problem}")]
    except yaml.YAMLError as error:
        return {}, [Problem("", f"is not YAML: {error}")]
    if not isinstance(values, dict):
        return {}, [Problem("", "must be a mapping of sections")]
    return values, []


def replace_variables(value: Any, environ: Mapping[str, str], path: str = "") -> tuple[Any, list[Problem]]:
    """Returns `value` with ``${…}`` replaced in every string, and the variables that could not be."""
    if isinstance(value, str):
        return _replace_in_string(value, environ, path)
    if isinstance(value, dict):
        replaced = {key: replace_variables(item, environ, _join(path, key)) for key, item in value.items()}
        return {key: item for key, (item, _) in replaced.items()}, [
            problem for _, found in replaced.values() for problem in found
        ]
    if isinstance(value, list):
        items = [replace_variables(item, environ, f"{path}[{i}]") for i, item in enumerate(value)]
        return [item for item, _ in items], [problem for _, found in items for problem in found]
    return value, []


def variables_in(value: Any) -> set[str]:
    """Returns the names of all variables that `value` refers to."""
    if isinstance(value, str):
        return set(variables(value))
    if isinstance(value, dict):
        return set().union(*map(variables_in, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(variables_in, value)) if value else set()
    return set()


def _replace_in_string(text: str, environ: Mapping[str, str], path: str) -> tuple[str, list[Problem]]:
    if "$" not in text:
        return text, []
    try:
        return interpolate(text, environ), []
    except UnsetVariableError as error:
        message = f"the variable {error} is not set; set it, or give a default: ${{{error}:-value}}"
    except UnclosedVariableError:
        message = f"{text!r} is not a variable: write ${{NAME}} or ${{NAME:-default}}"
    return text, [Problem(path, message)]


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)

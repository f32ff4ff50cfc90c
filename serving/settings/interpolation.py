"""``${VAR}`` and ``${VAR:-default}`` in configuration values; a default may hold further variables."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"[A-Za-z_]\w*")


class UnsetVariableError(Exception):
    """A variable without a default is not set."""


class UnclosedVariableError(Exception):
    """A ``${`` is not followed by a name and a closing brace."""


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """Returns `text` with its variables replaced; values are taken as they are. ``$${`` stands for ``${``.

    An empty variable counts as unset, as in a shell with ``:-``.

    Raises:
        UnsetVariableError: a variable without a default is unset; carries its name.
        UnclosedVariableError: a reference is malformed.
    """
    value, rest = _until(text, environ, closing="")
    assert not rest
    return value


def variables(text: str) -> list[str]:
    """Returns the names of the variables that `text` refers to."""
    return re.findall(r"(?<!\$)\$\{([A-Za-z_]\w*)", text)


def _until(text: str, environ: Mapping[str, str], closing: str) -> tuple[str, str]:
    """Returns what stands before `closing`, replaced, and what follows it."""
    out: list[str] = []
    while text:
        if closing and text.startswith(closing):
            return "".join(out), text[len(closing) :]
        if text.startswith("$${"):
            out.append("${")
            text = text[3:]
        elif text.startswith("${"):
            value, text = _variable(text, environ)
            out.append(value)
        else:
            out.append(text[0])
            text = text[1:]
    if closing:
        raise UnclosedVariableError
    return "".join(out), ""


def _variable(text: str, environ: Mapping[str, str]) -> tuple[str, str]:
    match = NAME.match(text, 2)
    if match is None:
        raise UnclosedVariableError
    name, rest = match.group(), text[match.end() :]
    if rest.startswith("}"):
        if not environ.get(name):
            raise UnsetVariableError(name)
        return environ[name], rest[1:]
    if not rest.startswith(":-"):
        raise UnclosedVariableError
    if environ.get(name):
        return environ[name], _skip_default(rest[2:])
    return _until(rest[2:], environ, closing="}")


def _skip_default(text: str) -> str:
    """Returns what follows a default that is not needed; its own variables need not be set."""
    depth = 1
    position = 0
    while position < len(text):
        if text.startswith("${", position):
            depth += 1
            position += 2
            continue
        if text[position] == "}":
            depth -= 1
            if depth == 0:
                return text[position + 1 :]
        position += 1
    raise UnclosedVariableError

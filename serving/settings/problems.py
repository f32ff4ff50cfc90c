"""What is wrong with a configuration, one line a problem, starting with the key's path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        path: of the key, such as ``routing.rules[1].queue``; empty for the file as a whole.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def unknown(kind: str, value: object, known: Iterable[str]) -> str:
    """Returns the message for a value that must be one of `known`, with the nearest as a suggestion."""
    names = sorted(set(known))
    near = difflib.get_close_matches(str(value), names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown {kind} {value!r}; {hint}known: {', '.join(names) or 'none'}"


def from_validation(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Returns pydantic's findings as problems, one a path."""
    found: dict[str, Problem] = {}
    for entry in error.errors(include_url=False):
        location = _location(entry["loc"], model)
        path = format_path(location)
        found.setdefault(path, Problem(path, _message(entry, location, model)))
    return list(found.values())


def format_path(location: Sequence[str | int]) -> str:
    """Returns a location as people write it: ``routing.rules[1].queue``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _message(entry: Any, location: Sequence[str | int], model: type[BaseModel]) -> str:
    kind = entry["type"]
    if kind == "extra_forbidden" or entry["loc"][-1] == "[key]":
        return unknown("key", location[-1], _keys(_type_at(model, location[:-1])))
    if kind == "missing":
        return "is missing; add it"
    if kind == "enum":
        return unknown("value", entry["input"], _keys(_type_at(model, location)))
    text: str = entry["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if kind.startswith("value_error"):
        return text
    return f"must be {text}, not {entry['input']!r}" if entry["msg"].startswith("Input should") else text


def _location(loc: tuple[str | int, ...], model: type[BaseModel]) -> list[str | int]:
    """Returns pydantic's location without its marks for unions and mapping keys."""
    kept: list[str | int] = []
    for part in loc:
        here = _type_at(model, kept)
        if part == "[key]" or (isinstance(part, str) and not _is_container(here)):
            continue
        kept.append(part)
    return kept


def _is_container(annotation: Any) -> bool:
    return _model(annotation) is not None or get_origin(annotation) in (dict, tuple)


def _type_at(model: type[BaseModel], location: Sequence[str | int]) -> Any:
    """Returns the annotation at a location, None beyond what is declared."""
    here: Any = model
    for part in location:
        section = _model(here)
        if section is not None:
            field = section.model_fields.get(str(part))
            here = _plain(field.annotation) if field else None
        elif get_origin(here) is dict:
            here = _plain(get_args(here)[1])
        elif get_origin(here) is tuple:
            here = _plain(get_args(here)[0])
        else:
            return None
    return here


def _plain(annotation: Any) -> Any:
    """Returns an annotation without `Annotated` and without ``| None``."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) in (Union, UnionType):
        members = [_plain(arg) for arg in get_args(annotation) if arg is not type(None)]
        enums = [member for member in members if isinstance(member, type) and issubclass(member, Enum)]
        return enums[0] if enums else members[0]
    return annotation


def _model(annotation: Any) -> type[BaseModel] | None:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_model else None


def _keys(annotation: Any) -> list[str]:
    """Returns the keys (of a section or mapping) or values (of an enum) that are known."""
    section = _model(annotation)
    if section is not None:
        return list(section.model_fields)
    if get_origin(annotation) is dict:
        annotation = _plain(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []

"""Reading JSON as customers' programs really send it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

from serving.api.problems import Kind, ProblemError

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ESCAPED_NUL = b"\\u0000"


def parse_json(body: bytes) -> Any:
    """Returns the value of a JSON text whose strings are safe to store and to index.

    Half a surrogate pair (a message cut in the middle of an emoji) and NUL are legal in JSON but in no
    database: each becomes the replacement character.

    Raises:
        ProblemError: not JSON, or nested too deeply; the message has the position.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _parse_leniently(body, error)
    return _storable(value) if ESCAPED_NUL in body else value


def _parse_leniently(body: bytes, cause: orjson.JSONDecodeError) -> Any:
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        return _storable(value)
    except (ValueError, RecursionError):
        detail = f"line {cause.lineno}, column {cause.colno}: {cause.msg}"
        raise ProblemError(Kind.MALFORMED_JSON, detail) from cause


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        text = value.replace("\0", REPLACEMENT)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")

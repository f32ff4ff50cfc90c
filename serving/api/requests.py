"""Requests whose JSON is read by `parse_json`, and what routes need of the running service."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.types import Scope

from serving.api.json_body import parse_json
from serving.api.problems import Kind, ProblemError, invalid_input
from serving.front_office import FrontOffice
from serving.observability.metrics import Metrics

JSON = "application/json"
Model = TypeVar("Model", bound=BaseModel)


class JsonRequest(Request):
    """A request that reads JSON leniently where it can and says precisely what is wrong where it cannot."""

    async def json(self) -> Any:
        """Returns the body's value; raises `ProblemError`."""
        return parse_json(await self.body())


class JsonRoute(APIRoute):
    """A route whose requests are `JsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns the handler."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            if request.method in {"POST", "PATCH"}:
                check_media_type(request.scope)
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json


class Running(Protocol):
    """What routes need of the running service."""

    @property
    def metrics(self) -> Metrics:
        """The worker's counters."""
        ...

    @property
    def max_body_bytes(self) -> int:
        """The longest body that is read."""
        ...

    async def office(self) -> FrontOffice:
        """Returns the open front office; raises `ProblemError` (503) before that."""
        ...

    def parts(self) -> dict[str, str]:
        """Returns the state of each part, ``open`` or what it lacks."""
        ...


def check_media_type(scope: Scope) -> None:
    """Raises `ProblemError` if the body is announced as anything but JSON."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            media = value.split(b";")[0].strip().lower()
            if media and media != b"application/json" and not media.endswith(b"+json"):
                raise ProblemError(Kind.WRONG_MEDIA_TYPE, f"send {JSON}, not {media.decode('latin-1')[:80]}")


def validated(model: type[Model], value: Any) -> Model:
    """Returns `value` as a `model`; raises `ProblemError` with the path of each field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_input(error.errors(include_context=False, include_input=False)) from None


def running(request: Request) -> Running:
    """Returns the running service of a request."""
    return cast("Running", request.app.state.runtime)

"""What every request passes: size limit, counting, and the choice between our routes and BentoML's."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any, cast

import orjson
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.error_mapping import problem_for
from serving.api.json_body import parse_json
from serving.api.openapi import NATIVE
from serving.api.problems import Kind, ProblemError, invalid_input
from serving.api.requests import Running, check_media_type
from serving.api.routes.tickets import create_ticket
from serving.api.wire.requests import MAX_LIST, Question
from serving.observability.logs import get_log

BENTOML_PATHS = frozenset({"/schema.json", "/livez"})
BENTOML_PREFIX = "/static_content/"
UNMATCHED = "unmatched"
HOT_PATH = "/api/v1/tickets"
ONE = TypeAdapter(Question)
MANY = TypeAdapter(list[Question])


class FrontDoor:
    """ASGI middleware around BentoML's application.

    Our routes do not travel through BentoML's own router, which would answer ``/healthz`` and ``/readyz``
    itself and try every path twice. The native endpoints do, after their body has been checked here: BentoML
    answers bad input with 400, its own shape and a traceback in the log.
    """

    def __init__(self, app: ASGIApp, rest: FastAPI) -> None:
        self._bentoml = app
        self._rest = rest
        self._log = get_log("api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._bentoml(scope, receive, send)
            return
        started = time.perf_counter()
        answer = _Answer(send)
        try:
            await self._handle(scope, receive, answer)
        except Exception as error:
            problem = problem_for(error)
            if problem.kind is Kind.INTERNAL_ERROR:
                self._log.error("request_failed", method=scope["method"], exc_info=error)
            if answer.status == 0:
                await problem.response()(scope, receive, answer)
        finally:
            self._count(scope, answer, time.perf_counter() - started)

    @property
    def _running(self) -> Running:
        return cast("Running", self._rest.state.runtime)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = LimitedBody(receive, self._running.max_body_bytes)
        limited.check_announced(scope)
        path = scope["path"]
        if path == HOT_PATH and scope["method"] == "POST":
            await self._answer_hot(scope, limited, send)
        elif path in NATIVE:
            await self._bentoml(scope, _replay(await _checked_questions(scope, limited)), send)
        elif path in BENTOML_PATHS or path.startswith(BENTOML_PREFIX):
            await self._bentoml(scope, limited, send)
        else:
            await self._rest(scope, limited, send)

    async def _answer_hot(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self._rest
        response = await create_ticket(Request(scope, receive))
        await response(scope, receive, send)

    def _count(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        path = scope["path"]
        if path in NATIVE or path in BENTOML_PATHS or path == HOT_PATH:
            template = path
        else:
            template = getattr(scope.get("route"), "path", UNMATCHED)
        self._running.metrics.request_answered(scope["method"], template, answer.status, seconds)


class _Answer:
    """Passes an answer on and remembers its status; 0 until it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class LimitedBody:
    """A request's body that may only be so long, announced or not."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    def check_announced(self, scope: Scope) -> None:
        """Raises `ProblemError` if the announced length is over the limit."""
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self._limit:
                raise self._too_large()

    async def __call__(self) -> MutableMapping[str, Any]:
        """Returns the next message; raises `ProblemError` when the body grows over the limit."""
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise self._too_large()
        return message

    async def read(self) -> bytes:
        """Returns the whole body."""
        chunks = []
        while True:
            message = await self()
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(chunks)

    def _too_large(self) -> ProblemError:
        return ProblemError(Kind.BODY_TOO_LARGE, f"a body may have at most {self._limit:,} bytes")


async def _checked_questions(scope: Scope, body: LimitedBody) -> bytes:
    """Returns the body of a native endpoint as JSON that BentoML accepts."""
    if scope["method"] != "POST":
        raise ProblemError(
            Kind.WRONG_METHOD, "send POST with a JSON object or a list", headers={"Allow": "POST"}
        )
    check_media_type(scope)
    value = parse_json(await body.read())
    if isinstance(value, list) and not 1 <= len(value) <= MAX_LIST:
        error = {"loc": (), "msg": f"a list must have 1 to {MAX_LIST} objects, not {len(value)}"}
        raise invalid_input([error])
    try:
        (MANY if isinstance(value, list) else ONE).validate_python(value)
    except ValidationError as invalid:
        raise invalid_input(invalid.errors(include_context=False, include_input=False)) from None
    return orjson.dumps(value)


def _replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive

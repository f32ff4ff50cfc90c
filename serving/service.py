"""The BentoML service: the native endpoints of the models, with the REST API in front of them.

BentoML's parent process imports this module too, only to start the workers; what only they need is imported
in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import bentoml

from serving.api.wire.answers import Classification, Resolution, Retrieval, Routing
from serving.api.wire.requests import Question

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from serving.runtime import Runtime

Questions = Question | list[Question]
TIMEOUT_S = 15
"""BentoML keeps a timer for every request for so long, so it is short; the queues are bounded anyway."""


@bentoml.service(
    name="firstline",
    workers=2,
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
    tracing={"excluded_urls": ".*"},
    traffic={"timeout": TIMEOUT_S},
)
class SupportDesk:
    """Reads customers' messages, answers those it should, and routes the others with its reasons."""

    def __init__(self) -> None:
        from serving.worker import current_runtime

        self.runtime: Runtime = current_runtime()

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def open(self) -> None:
        """Begins to open models, index and database; requests are answered 503 until they are."""
        self.runtime.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def close(self) -> None:
        """Finishes what was accepted."""
        await self.runtime.stop()

    @bentoml.api(route="/classify")  # type: ignore[untyped-decorator]
    async def classify(self, questions: Questions, /) -> Classification | list[Classification]:
        """Returns language, category, topic, sentiment and urgency of one text or of many."""
        return await self._answer(questions, "classification")  # type: ignore[no-any-return]

    @bentoml.api(route="/retrieve")  # type: ignore[untyped-decorator]
    async def retrieve(self, questions: Questions, /) -> Retrieval | list[Retrieval]:
        """Returns the nearest articles of one text or of many."""
        return await self._answer(questions, "retrieval")  # type: ignore[no-any-return]

    @bentoml.api(route="/resolve")  # type: ignore[untyped-decorator]
    async def resolve(self, questions: Questions, /) -> Resolution | list[Resolution]:
        """Returns whether the desk would answer, and with which words."""
        return await self._answer(questions, "resolution")  # type: ignore[no-any-return]

    @bentoml.api(route="/route")  # type: ignore[untyped-decorator]
    async def route(self, questions: Questions, /) -> Routing | list[Routing]:
        """Returns where the desk would send a ticket, and how soon it is due."""
        return await self._answer(questions, "routing")  # type: ignore[no-any-return]

    async def _answer(self, questions: Questions, view: str) -> Any:
        from serving.api.native import answer_questions

        return await answer_questions(self.runtime, questions, view)


def open_front_door(app: ASGIApp) -> ASGIApp:
    """Returns the front door around BentoML's application; called once in each worker."""
    from serving.api.app import create_app
    from serving.api.front_door import FrontDoor
    from serving.worker import current_runtime

    return FrontDoor(app, create_app(current_runtime()))


cast("Any", SupportDesk).add_asgi_middleware(open_front_door)

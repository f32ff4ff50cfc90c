"""The answers of the native endpoints: one object for an object, a list for a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from serving.api.error_mapping import problem_for
from serving.api.problems import Kind
from serving.api.requests import JSON, Running
from serving.api.wire import projections
from serving.api.wire.requests import Question
from serving.domain.intake import Incoming
from serving.domain.outcome import Outcome
from serving.domain.ticket import Customer
from serving.observability.logs import get_log

ANYBODY = "anonymous"
VIEWS: Mapping[str, Callable[[Outcome, str | None], dict[str, Any]]] = {
    "classification": projections.classification_body,
    "retrieval": projections.retrieval_body,
    "resolution": projections.resolution_body,
    "routing": projections.routing_body,
}


async def answer_questions(running: Running, questions: Question | Sequence[Question], view: str) -> Response:
    """Returns what the desk would do, in one of the `VIEWS`; an error is a problem, as everywhere."""
    asked = [questions] if isinstance(questions, Question) else questions
    try:
        outcomes = await (await running.office()).consider([_incoming(question) for question in asked])
    except Exception as error:
        problem = problem_for(error)
        if problem.kind is Kind.INTERNAL_ERROR:
            get_log("api").exception("request_failed")
        return problem.response()
    bodies = [VIEWS[view](outcome, question.id) for outcome, question in zip(outcomes, asked, strict=True)]
    return Response(
        projections.to_json(bodies[0] if isinstance(questions, Question) else bodies), media_type=JSON
    )


def _incoming(question: Question) -> Incoming:
    return Incoming(
        customer=Customer(id=ANYBODY, tier=question.customer_tier),
        channel=question.channel,
        message=question.message,
        subject=question.subject,
        language=question.language,
    )

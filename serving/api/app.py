"""The REST application."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from data.errors import FirstlineError
from serving.api.error_mapping import problem_for
from serving.api.openapi import document
from serving.api.problems import http_problem, invalid_input
from serving.api.requests import Running
from serving.api.routes import corrections, operations, pages, ratings, tickets

DESCRIPTION = (
    "Firstline answers first-line customer support by itself where it can prove that it should, and hands "
    "everything else to the right person with its reasons. Errors are problem details (RFC 9457)."
)


def create_app(running: Running) -> FastAPI:
    """Returns the application of a running service."""
    app = FastAPI(
        title="Firstline",
        description=DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        strict_content_type=False,
    )
    app.state.runtime = running
    app.include_router(tickets.router)
    app.include_router(ratings.router)
    app.include_router(corrections.router)
    app.include_router(operations.router)
    app.include_router(pages.router)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(FirstlineError, _failed)
    app.add_exception_handler(Exception, _failed)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid_input(error.errors()).response()


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return http_problem(error)


async def _failed(_request: Request, error: Exception) -> Response:
    """Answers; what is unexpected is raised again by the framework and logged at the front door."""
    return problem_for(error).response()

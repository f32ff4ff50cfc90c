"""The bare Starlette application that the service is compared with."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def echo(request: Request) -> Response:
    """Answers with the body."""
    return Response(await request.body(), 201, media_type="application/json")


app = Starlette(routes=[Route("/api/v1/tickets", echo, methods=["POST"])])

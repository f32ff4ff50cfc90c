"""Whether the service works, and its figures."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serving.api.problems import FieldError, Kind, ProblemError
from serving.api.requests import JSON, running
from serving.api.wire.answers import Health
from serving.api.wire.projections import to_json

router = APIRouter(tags=["operations"])
OPEN = "open"


@router.get("/healthz", response_model=Health, summary="Is the process alive?")
async def healthz() -> Response:
    """Answers as long as the process works."""
    return Response(to_json({"status": "alive", "parts": {}}), media_type=JSON)


@router.get("/readyz", response_model=Health, summary="Can it take tickets?")
async def readyz(request: Request) -> Response:
    """Answers 503 until models, index and database are open; the errors name what is missing."""
    parts = await asyncio.to_thread(running(request).parts)
    missing = [FieldError(part, state) for part, state in parts.items() if state != OPEN]
    if missing:
        detail = "; ".join(f"{error.path}: {error.message}" for error in missing)
        raise ProblemError(Kind.NOT_READY, detail, missing, {"Retry-After": "2"})
    return Response(to_json({"status": "ready", "parts": parts}), media_type=JSON)


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
async def metrics(request: Request) -> Response:
    """Returns the figures of all workers in Prometheus' text format."""
    text = await asyncio.to_thread(running(request).metrics.exposition)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})

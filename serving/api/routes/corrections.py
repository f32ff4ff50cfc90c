"""What people correct of the models' readings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from serving.api.requests import JSON, JsonRoute, running
from serving.api.wire.answers import CorrectionList, CorrectionTaken
from serving.api.wire.projections import to_json
from serving.api.wire.requests import CorrectTicket
from serving.domain.correction import Correction
from serving.storage.records import CorrectionRow

router = APIRouter(prefix="/api/v1/tickets", tags=["corrections"], route_class=JsonRoute)


@router.post(
    "/{ticket_id}/corrections", status_code=201, response_model=CorrectionTaken, summary="Correct the models"
)
async def correct_ticket(ticket_id: str, body: CorrectTicket, request: Request) -> Response:
    """Takes the right labels from a person: they change the ticket, and the next training may learn them."""
    given = Correction(**body.model_dump(exclude={"agent"}))
    _, correction = await (await running(request).office()).correct(ticket_id, given, body.agent)
    return Response(to_json(_body(ticket_id, correction)), 201, media_type=JSON)


@router.get("/{ticket_id}/corrections", response_model=CorrectionList, summary="List corrections")
async def list_corrections(ticket_id: str, request: Request) -> Response:
    """Returns the corrections of a ticket, oldest first."""
    found = await (await running(request).office()).store.corrections(ticket_id)
    body = {"corrections": [_body(ticket_id, correction) for correction in found]}
    return Response(to_json(body), media_type=JSON)


def _body(ticket_id: str, correction: CorrectionRow) -> dict[str, Any]:
    kept = asdict(correction)
    return {"ticket_id": ticket_id, "agent": kept.pop("actor"), **kept}

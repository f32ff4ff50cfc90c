"""What customers thought of the answer."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from serving.api.requests import JSON, JsonRoute, running
from serving.api.wire.answers import Satisfaction
from serving.api.wire.projections import to_json
from serving.api.wire.requests import RateTicket

router = APIRouter(prefix="/api/v1/tickets", tags=["satisfaction"], route_class=JsonRoute)


@router.post(
    "/{ticket_id}/satisfaction", status_code=201, response_model=Satisfaction, summary="Rate the answer"
)
async def rate_ticket(ticket_id: str, body: RateTicket, request: Request) -> Response:
    """Stores a rating from 0 to 10; a later one of the same ticket replaces it."""
    rating = await (await running(request).office()).rate(ticket_id, body.rating, body.feedback)
    answer = {
        "ticket_id": ticket_id,
        "rating": rating.rating,
        "feedback": rating.feedback or None,
        "satisfied": rating.satisfied,
        "at": rating.rated_at,
    }
    return Response(to_json(answer), 201, media_type=JSON)

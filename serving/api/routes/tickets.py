"""Tickets: create, read, change, list, explain."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from serving.api.json_body import parse_json
from serving.api.openapi import body_of
from serving.api.problems import FieldError, Kind, ProblemError
from serving.api.requests import JSON, JsonRoute, check_media_type, running, validated
from serving.api.wire.answers import TicketCreated, TicketDetails, TicketExplanation, TicketPage
from serving.api.wire.projections import details_body, page_body, to_json
from serving.api.wire.requests import ChangeTicket, CreateTicket, ListTickets
from serving.domain.intake import Incoming
from serving.domain.ticket import Customer
from serving.storage.records import IdempotencyRow, TicketQuery
from serving.storage.records import Outcome as WriteOutcome

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"], route_class=JsonRoute)
SCOPE = "POST /api/v1/tickets"
MAX_KEY = 255
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body is the same ticket; its first answer comes again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
}


@router.post(
    "",
    status_code=201,
    response_model=TicketCreated,
    summary="Create a ticket",
    openapi_extra={"requestBody": body_of(CreateTicket), "parameters": [KEY_HEADER]},
)
async def create_ticket(request: Request) -> Response:
    """Reads a customer's message and answers it, or routes it to people with the reasons.

    The hot route: it reads its body itself, so that the front door can call it without FastAPI's machinery,
    which costs half a millisecond.
    """
    check_media_type(request.scope)
    ticket = validated(CreateTicket, parse_json(await request.body()))
    given = request.headers.get("idempotency-key")
    office = await running(request).office()
    created = await office.create(
        _incoming(ticket),
        _key(given, ticket) if given is not None else None,
        tier_is_given="customer_tier" in ticket.model_fields_set,
    )
    headers = {"Location": f"/api/v1/tickets/{created.ticket_id}"}
    if created.outcome is WriteOutcome.REPLAYED:
        headers["Idempotency-Replayed"] = "true"
    status = 200 if created.outcome is WriteOutcome.EXISTING else 201
    return Response(created.body, status, headers, JSON)


@router.get("", response_model=TicketPage, summary="List tickets")
async def list_tickets(request: Request, query: Annotated[ListTickets, Query()]) -> Response:
    """Returns tickets, newest first, one page at a time."""
    page = await (await running(request).office()).store.find(_query(query))
    return Response(to_json(page_body(page, datetime.now(UTC))), media_type=JSON)


@router.get("/{ticket_id}", response_model=TicketDetails, summary="Read a ticket")
async def read_ticket(ticket_id: str, request: Request) -> Response:
    """Returns a ticket with its conversation."""
    stored = await (await running(request).office()).store.get(ticket_id)
    return Response(to_json(details_body(stored, datetime.now(UTC))), media_type=JSON)


@router.patch("/{ticket_id}", response_model=TicketDetails, summary="Change a ticket")
async def change_ticket(ticket_id: str, change: ChangeTicket, request: Request) -> Response:
    """Changes a ticket's status; `version` guards against overwriting somebody else's change."""
    office = await running(request).office()
    await office.change(ticket_id, change.status, change.resolution_notes, change.version)
    stored = await office.store.get(ticket_id)
    return Response(to_json(details_body(stored, datetime.now(UTC))), media_type=JSON)


@router.get("/{ticket_id}/explanation", response_model=TicketExplanation, summary="Explain a decision")
async def explain_ticket(ticket_id: str, request: Request) -> Response:
    """Returns probabilities, articles, threshold, rule, reasons, and the versions of models and index."""
    explanation = await (await running(request).office()).store.explanation(ticket_id)
    return Response(to_json({"ticket_id": ticket_id, **explanation}), media_type=JSON)


def _incoming(ticket: CreateTicket) -> Incoming:
    customer = Customer(
        id=ticket.customer_id,
        name=ticket.customer_name or "",
        email=ticket.customer_email or "",
        tier=ticket.customer_tier,
    )
    return Incoming(
        customer=customer,
        channel=ticket.channel,
        message=ticket.message,
        subject=ticket.subject,
        language=ticket.language,
        source_id=ticket.source_id,
        metadata=ticket.metadata,
    )


def _key(value: str, ticket: CreateTicket) -> IdempotencyRow:
    if not 1 <= len(value) <= MAX_KEY:
        message = f"must have 1 to {MAX_KEY} characters, not {len(value)}"
        raise ProblemError(
            Kind.INVALID_INPUT, f"Idempotency-Key {message}", [FieldError("Idempotency-Key", message)]
        )
    digest = hashlib.sha256(to_json(ticket.model_dump(mode="json"))).hexdigest()
    return IdempotencyRow(
        scope=SCOPE, key=value, request_hash=digest, response="", created_at=datetime.now(UTC)
    )


def _query(query: ListTickets) -> TicketQuery:
    values = query.model_dump()
    for name in ("created_from", "created_to"):
        if values[name] is not None and values[name].tzinfo is None:
            values[name] = values[name].replace(tzinfo=UTC)
    return TicketQuery(**values)

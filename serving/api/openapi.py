"""The OpenAPI document: the REST routes, and the native endpoints beside them."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter

from serving.api.problems import MEDIA_TYPE, Kind
from serving.api.wire.answers import Classification, Problem, Resolution, Retrieval, Routing
from serving.api.wire.requests import MESSAGE_EXAMPLE, CreateTicket, Questions

REF = "#/components/schemas/{model}"
GENERATED = ("HTTPValidationError", "ValidationError")


class Native(NamedTuple):
    """A native endpoint: what it answers for one text, and what that is."""

    answer: type[BaseModel]
    summary: str


NATIVE = {
    "/classify": Native(Classification, "Language, category, topic, sentiment, urgency"),
    "/retrieve": Native(Retrieval, "The nearest articles"),
    "/resolve": Native(Resolution, "Would the desk answer, and how?"),
    "/route": Native(Routing, "Where would a ticket go, how soon?"),
}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Returns the description of a JSON body."""
    return {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}},
    }


def document(app: FastAPI) -> dict[str, Any]:
    """Returns the document, made once."""
    if app.openapi_schema is None:
        made = FastAPI.openapi(app)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for name in GENERATED:
            schemas.pop(name, None)
        _define(schemas, Problem)
        _define(schemas, CreateTicket)
        for path, native in NATIVE.items():
            made["paths"][path] = {"post": _native_operation(native, schemas)}
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _describe_problems(path, method, operation)
    return app.openapi_schema or {}


def _native_operation(native: Native, schemas: dict[str, Any]) -> dict[str, Any]:
    question = TypeAdapter(Questions).json_schema(ref_template=REF)
    schemas.update(question.pop("$defs", {}))
    _define(schemas, native.answer)
    one = {"$ref": REF.format(model=native.answer.__name__)}
    answer = {"anyOf": [one, {"type": "array", "items": one}]}
    examples = {"one": {"value": MESSAGE_EXAMPLE}, "many": {"value": [MESSAGE_EXAMPLE]}}
    body = {"application/json": {"schema": question, "examples": examples}}
    return {
        "tags": ["models"],
        "summary": native.summary,
        "description": "Accepts one object or a list of them, and answers in kind. Nothing is stored.",
        "requestBody": {"required": True, "content": body},
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": answer}}}},
    }


def _define(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=REF)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema


def _describe_problems(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["responses"].pop("422", None)
    for kind in _problems_of(path, method):
        operation["responses"].setdefault(str(kind.status), _problem(kind))


def _problems_of(path: str, method: str) -> list[Kind]:
    if path == "/readyz":
        return [Kind.NOT_READY]
    if path in {"/healthz", "/metrics"}:
        return []
    found = [Kind.OVERLOADED]
    if "{ticket_id}" in path:
        found.append(Kind.UNKNOWN_TICKET)
    if method in {"post", "patch"}:
        found += [Kind.MALFORMED_JSON, Kind.BODY_TOO_LARGE, Kind.WRONG_MEDIA_TYPE, Kind.INVALID_INPUT]
    if method == "patch":
        found.append(Kind.FORBIDDEN_CHANGE)
    if method == "get" and path.endswith("/tickets"):
        found.append(Kind.INVALID_INPUT)
    return sorted(found, key=lambda kind: kind.status)


def _problem(kind: Kind) -> dict[str, Any]:
    example = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.title,
        "errors": [{"path": "message", "message": "Field required"}] if kind is Kind.INVALID_INPUT else [],
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}, "example": example}}
    return {"description": kind.title, "content": content}

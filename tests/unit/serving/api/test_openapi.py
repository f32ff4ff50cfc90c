from __future__ import annotations

from typing import Any

import pytest

from tests.unit.serving.api.fakes import Service

PATHS = {
    "/api/v1/tickets": {"post", "get"},
    "/api/v1/tickets/{ticket_id}": {"get", "patch"},
    "/api/v1/tickets/{ticket_id}/satisfaction": {"post"},
    "/api/v1/tickets/{ticket_id}/corrections": {"get", "post"},
    "/api/v1/tickets/{ticket_id}/explanation": {"get"},
    "/classify": {"post"},
    "/retrieve": {"post"},
    "/resolve": {"post"},
    "/route": {"post"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


@pytest.fixture
def document(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.ask("GET", "/openapi.json").json()
    return found


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    return set()


def test_document_names_every_path(document: dict[str, Any]) -> None:
    assert {path: set(operations) for path, operations in document["paths"].items()} == PATHS


def test_document_has_no_loose_reference(document: dict[str, Any]) -> None:
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= schemas


def test_document_shows_the_example_of_the_brief(document: dict[str, Any]) -> None:
    example = document["components"]["schemas"]["CreateTicket"]["examples"][0]
    assert example["message"] == "I forgot my password and need to reset it."


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert set(answer["content"]) == {"application/problem+json"}


def test_docs_page_needs_no_other_host(service: Service) -> None:
    page = service.ask("GET", "/docs")
    assert page.status_code == 200
    assert "https://" not in page.text
    assert service.ask("GET", "/").headers["location"] == "/docs"

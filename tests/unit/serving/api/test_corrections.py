from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.serving.api.fakes import Service


def correct(service: Service, ticket_id: str, **labels: Any) -> httpx.Response:
    return service.ask(
        "POST", f"/api/v1/tickets/{ticket_id}/corrections", json={"agent": "agent-7", **labels}
    )


def test_correct_changes_the_ticket_and_is_kept_with_the_models_that_were_wrong(service: Service) -> None:
    ticket_id = service.create(message="返金してください").json()["ticket_id"]
    taken = correct(service, ticket_id, topic="refund_request", sentiment="negative", note="返金の依頼")
    assert taken.status_code == 201
    body = taken.json()
    assert (body["category"], body["article_id"], body["model_version"]) == ("returns", "KB032", "models-1")
    assert (body["agent"], body["note"]) == ("agent-7", "返金の依頼")
    ticket = service.ask("GET", f"/api/v1/tickets/{ticket_id}").json()
    assert (ticket["category"], ticket["topic"], ticket["sentiment"]) == (
        "returns",
        "refund_request",
        "negative",
    )
    assert ticket["version"] == 2
    listed = service.ask("GET", f"/api/v1/tickets/{ticket_id}/corrections").json()
    assert listed == {"corrections": [body]}


def test_correct_event_says_who_and_what_it_was_before(service: Service) -> None:
    ticket_id = service.create().json()["ticket_id"]
    correct(service, ticket_id, category="billing")
    event = service.store.events[-1]
    assert (event.type, event.actor) == ("corrected", "agent-7")
    assert event.data["before"]["category"] == "account"
    assert event.data["after"]["category"] == "billing"


@pytest.mark.parametrize(
    ("labels", "path"),
    [
        ({}, "topic"),
        ({"topic": "unheard_of"}, "topic"),
        ({"topic": "refund_request", "category": "billing"}, "category"),
        ({"article_id": "KB999"}, "article_id"),
        ({"sentiment": "furious"}, "sentiment"),
        ({"split": "test"}, "split"),
    ],
)
def test_correct_labels_that_cannot_be_are_refused_and_change_nothing(
    service: Service, labels: dict[str, Any], path: str
) -> None:
    ticket_id = service.create().json()["ticket_id"]
    refused = correct(service, ticket_id, **labels)
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json()["errors"]] == [path]
    assert service.ask("GET", f"/api/v1/tickets/{ticket_id}").json()["version"] == 1


def test_correct_ticket_changed_in_between_is_read_again(service: Service) -> None:
    ticket_id = service.create().json()["ticket_id"]
    service.store.conflicts = 2
    assert correct(service, ticket_id, urgent=True).status_code == 201
    service.store.conflicts = 9
    assert correct(service, ticket_id, urgent=False).status_code == 409


def test_corrections_of_an_unknown_ticket_are_not_found(service: Service) -> None:
    assert correct(service, "TKT-0", urgent=True).status_code == 404
    assert service.ask("GET", "/api/v1/tickets/TKT-0/corrections").status_code == 404

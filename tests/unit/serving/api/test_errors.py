from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from serving.batching import BatchLimits
from serving.storage.errors import QueueFullError, StorageUnavailableError
from tests.unit.serving.api.fakes import FakeStore, Service, make_service

JSON = {"Content-Type": "application/json"}
TICKETS = "/api/v1/tickets"


def check_problem(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["type"] == f"urn:firstline:problem:{kind}"
    assert problem["status"] == status
    assert problem["detail"]
    return problem


@pytest.mark.parametrize("path", [TICKETS, "/classify"])
@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a": 1} trailing', b"{'a': 1}"]
)
def test_malformed_json_is_400(service: Service, path: str, body: bytes) -> None:
    check_problem(service.ask("POST", path, content=body, headers=JSON), 400, "malformed-json")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"message": None}, "message"),
        ({"message": ""}, "message"),
        ({"message": " \n\t"}, "message"),
        ({"message": "x" * 100_001}, "message"),
        ({"message": 7}, "message"),
        ({"subject": "x" * 1_001}, "subject"),
        ({"customer_id": None}, "customer_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "x" * 129}, "customer_id"),
        ({"channel": None}, "channel"),
        ({"channel": "fax"}, "channel"),
        ({"customer_tier": "royal"}, "customer_tier"),
        ({"language": "tlh"}, "language"),
        ({"metadata": [1]}, "metadata"),
        ({"metadata": {"big": "x" * 20_000}}, "metadata"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_wrong_field_is_422_with_its_path(service: Service, fields: dict[str, Any], path: str) -> None:
    problem = check_problem(service.create(**fields), 422, "invalid-input")
    assert [error["path"] for error in problem["errors"]] == [path]
    assert service.store.tickets == {}


@pytest.mark.parametrize("body", [b"null", b"7", b'"text"', b"[]"])
def test_ticket_that_is_no_object_is_422(service: Service, body: bytes) -> None:
    check_problem(service.ask("POST", TICKETS, content=body, headers=JSON), 422, "invalid-input")


def test_several_wrong_fields_are_all_named(service: Service) -> None:
    problem = check_problem(service.create(message="", channel="fax"), 422, "invalid-input")
    assert {error["path"] for error in problem["errors"]} == {"message", "channel"}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"message": ""}, "message"),
        ([{"message": "ok"}, {"message": "ok", "foo": 1}], "[1].foo"),
        ([], ""),
        ([{"message": "x"}] * 257, ""),
        ("text", ""),
    ],
)
def test_native_endpoint_with_bad_input_is_422(service: Service, body: Any, path: str) -> None:
    problem = check_problem(service.ask("POST", "/resolve", json=body), 422, "invalid-input")
    assert problem["errors"][0]["path"] == path


@pytest.mark.parametrize("rating", [-1, 11, 7.5, "9", True, None])
def test_rating_off_the_scale_is_422(service: Service, rating: object) -> None:
    path = f"{TICKETS}/{service.create().json()['ticket_id']}/satisfaction"
    problem = check_problem(service.ask("POST", path, json={"rating": rating}), 422, "invalid-input")
    assert problem["errors"][0]["path"] == "rating"


def test_unknown_status_is_422(service: Service) -> None:
    path = f"{TICKETS}/{service.create().json()['ticket_id']}"
    check_problem(service.ask("PATCH", path, json={"status": "lost"}), 422, "invalid-input")


@pytest.mark.parametrize(
    ("query", "path"),
    [("limit=0", "limit"), ("status=lost", "status"), ("colour=red", "colour"), ("cursor=broken", "cursor")],
)
def test_wrong_query_is_422(service: Service, query: str, path: str) -> None:
    problem = check_problem(service.ask("GET", f"{TICKETS}?{query}"), 422, "invalid-input")
    assert problem["errors"][0]["path"] == path


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("GET", "/explanation", None),
        ("PATCH", "", {"status": "closed"}),
        ("POST", "/satisfaction", {"rating": 5}),
    ],
)
def test_unknown_ticket_is_404(service: Service, method: str, suffix: str, body: object) -> None:
    response = service.ask(method, f"{TICKETS}/TKT-20260101000000-abcdef{suffix}", json=body)
    check_problem(response, 404, "unknown-ticket")


def test_unknown_path_is_404(service: Service) -> None:
    check_problem(service.ask("GET", "/api/v2/tickets"), 404, "unknown-path")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", TICKETS), ("PUT", f"{TICKETS}/x"), ("GET", "/classify")]
)
def test_wrong_method_is_405_with_those_allowed(service: Service, method: str, path: str) -> None:
    response = service.ask(method, path)
    check_problem(response, 405, "wrong-method")
    assert response.headers["allow"]


@pytest.mark.parametrize("path", [TICKETS, "/route"])
def test_other_media_type_is_415(service: Service, path: str) -> None:
    response = service.ask("POST", path, content=b"a=b", headers={"Content-Type": "text/plain"})
    check_problem(response, 415, "wrong-media-type")


@pytest.mark.parametrize("path", [TICKETS, "/classify", f"{TICKETS}/x/satisfaction"])
def test_large_body_is_413(service: Service, path: str) -> None:
    body = b'{"message":"' + b"x" * 1_000_000 + b'"}'
    check_problem(service.ask("POST", path, content=body, headers=JSON), 413, "body-too-large")


@pytest.mark.parametrize("path", [TICKETS, "/classify", f"{TICKETS}/x/satisfaction"])
def test_large_body_of_unannounced_length_is_413(service: Service, path: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100_000

    check_problem(service.ask("POST", path, content=chunks(), headers=JSON), 413, "body-too-large")


def test_not_ready_is_503(service: Service) -> None:
    service.running.ready = False
    for method, path in (("GET", "/readyz"), ("GET", f"{TICKETS}/x"), ("GET", TICKETS)):
        response = service.ask(method, path)
        check_problem(response, 503, "not-ready")
        assert response.headers["retry-after"]
    check_problem(service.create(), 503, "not-ready")
    assert service.ask("GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    ("error", "kind"),
    [(QueueFullError(9, 1.0), "overloaded"), (StorageUnavailableError("db"), "not-ready")],
)
def test_storage_that_cannot_take_more_is_503(error: Exception, kind: str) -> None:
    response = make_service(store=FakeStore(fails_with=error)).create()
    check_problem(response, 503, kind)
    assert response.headers["retry-after"] == "1"


def test_full_batch_queue_is_503() -> None:
    response = make_service(limits=BatchLimits(pending=0)).create()
    check_problem(response, 503, "overloaded")


def test_unexpected_error_is_500_without_its_text() -> None:
    service = make_service(store=FakeStore(fails_with=RuntimeError("secret inside")))
    for response in (service.create(), service.ask("GET", f"{TICKETS}?status=new")):
        if response.status_code != 200:
            problem = check_problem(response, 500, "internal-error")
            assert "secret" not in str(problem)


def test_every_request_is_counted_by_its_template(service: Service) -> None:
    ticket_id = service.create().json()["ticket_id"]
    service.ask("GET", f"{TICKETS}/{ticket_id}")
    service.ask("GET", f"{TICKETS}/unknown")
    service.ask("GET", "/nowhere/at/all")
    figures = service.ask("GET", "/metrics").text
    assert ticket_id not in figures
    for route, status in (
        (TICKETS, 201),
        (f"{TICKETS}/{{ticket_id}}", 200),
        (f"{TICKETS}/{{ticket_id}}", 404),
        ("unmatched", 404),
    ):
        assert f'route="{route}",status="{status}"' in figures

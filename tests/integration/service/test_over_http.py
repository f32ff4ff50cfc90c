from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.service.process import ServiceProcess

pytestmark = pytest.mark.service
TICKETS = "/api/v1/tickets"
TICKET = {
    "customer_id": "CUST-001",
    "channel": "email",
    "subject": "Password reset request",
    "message": "I forgot my password and need to reset it.",
    "metadata": {"source": "web"},
}
LANGUAGES = {
    "en": "I forgot my password and cannot sign in any more, what do I have to do now?",
    "es": "He olvidado mi contraseña y no puedo entrar en mi cuenta, ¿qué tengo que hacer?",
    "fr": "J'ai oublié mon mot de passe et je ne peux plus me connecter, que dois-je faire ?",
    "de": "Ich habe mein Passwort vergessen und komme nicht mehr in mein Konto, was soll ich tun?",
    "ja": "パスワードを忘れてしまい、ログインできません。どうすればよいですか。",
    "zh": "我忘记了密码,无法登录账户,请问我该怎么办?",
}


def figures(service: ServiceProcess) -> dict[str, float]:
    """Returns each sample's sum over its labels."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(service.ask("GET", "/metrics").text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_ticket_is_answered_in_the_language_of_its_customer(service: ServiceProcess, language: str) -> None:
    answer = service.ask("POST", TICKETS, json={**TICKET, "subject": "", "message": LANGUAGES[language]})
    ticket = answer.json()
    assert answer.status_code == 201
    assert (ticket["language"], ticket["auto_resolved"]) == (language, True)
    assert ticket["article_id"] in ticket["reply"]


def test_ticket_lives_its_life(service: ServiceProcess) -> None:
    created = service.ask("POST", TICKETS, json=TICKET)
    ticket = created.json()
    assert re.fullmatch(r"TKT-\d{14}-[0-9a-f]{6}", ticket["ticket_id"])
    assert ticket["resolution_time_seconds"] > 0
    path = f"{TICKETS}/{ticket['ticket_id']}"
    assert service.ask("GET", path).json()["metadata"] == {"source": "web"}
    rated = service.ask("POST", f"{path}/satisfaction", json={"rating": 9, "feedback": "Quick!"})
    assert rated.status_code == 201
    closed = service.ask("PATCH", path, json={"status": "closed", "resolution_notes": "done"})
    assert (closed.json()["status"], closed.json()["rating"]) == ("closed", 9)
    assert service.ask("PATCH", path, json={"status": "assigned"}).status_code == 409
    explanation = service.ask("GET", f"{path}/explanation").json()
    assert explanation["decision"]["gate"]["reasons"][0]["code"] == "sure_enough"


def test_hacked_account_is_never_answered_automatically(service: ServiceProcess) -> None:
    message = "My account was hacked and money is missing"
    ticket = service.ask("POST", TICKETS, json={**TICKET, "subject": "", "message": message}).json()
    assert (ticket["auto_resolved"], ticket["status"]) == (False, "escalated")
    assert "never_phrase" in {reason["code"] for reason in ticket["reasons"]}


def test_known_customer_keeps_the_tier(service: ServiceProcess) -> None:
    first = {**TICKET, "customer_id": "VIP-1", "customer_tier": "enterprise"}
    hacked = {**TICKET, "customer_id": "VIP-1", "message": "my account was hacked"}
    assert service.ask("POST", TICKETS, json=first).status_code == 201
    assert service.ask("POST", TICKETS, json=hacked).json()["queue"] == "vip_support"


def test_same_key_is_one_ticket_on_any_worker(service: ServiceProcess) -> None:
    def send(_number: int) -> Any:
        headers = {"Idempotency-Key": "one-and-only"}
        return service.ask("POST", TICKETS, json=TICKET, headers=headers).json()["ticket_id"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(24)))) == 1


def test_list_pages_through_everything_once(service: ServiceProcess) -> None:
    for number in range(5):
        service.ask("POST", TICKETS, json={**TICKET, "customer_id": "PAGED-1", "subject": str(number)})
    seen: list[str] = []
    query: dict[str, Any] = {"customer_id": "PAGED-1", "limit": 2}
    while True:
        page = service.ask("GET", TICKETS, params=query).json()
        seen += [ticket["subject"] for ticket in page["tickets"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("path", ["/classify", "/retrieve", "/resolve", "/route"])
def test_native_endpoint_answers_one_or_many(service: ServiceProcess, path: str) -> None:
    one = service.ask("POST", path, json={"message": "password", "id": "a"})
    many = service.ask("POST", path, json=[{"message": "password"}, {"message": "Passwort", "id": "b"}])
    assert (one.status_code, one.json()["id"]) == (200, "a")
    assert [item["id"] for item in many.json()] == [None, "b"]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", TICKETS, {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", TICKETS, {"json": {**TICKET, "message": ""}}, 422),
        ("POST", "/classify", {"json": {"message": ""}}, 422),
        ("POST", "/classify", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", TICKETS, {"json": {**TICKET, "message": "x" * 1_100_000}}, 413),
        ("POST", "/classify", {"json": {"message": "x" * 1_100_000}}, 413),
        ("POST", TICKETS, {"content": iter([b"x" * 600_000] * 2)}, 413),
        ("GET", f"{TICKETS}/TKT-20260101000000-abcdef", {}, 404),
        ("GET", "/nowhere", {}, 404),
        ("DELETE", TICKETS, {}, 405),
        ("GET", "/route", {}, 405),
        ("POST", TICKETS, {"content": b"a", "headers": {"Content-Type": "text/plain"}}, 415),
    ],
)
def test_every_error_has_the_one_shape(
    service: ServiceProcess, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    response = service.ask(method, path, **options)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"type", "title", "status", "detail", "errors"}


def test_metrics_sum_both_workers(service: ServiceProcess) -> None:
    before = figures(service)

    def send(number: int) -> None:
        service.ask("POST", TICKETS, json={**TICKET, "customer_id": f"M-{number}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(40)))
    after = figures(service)
    assert after["customer_support_tickets_total"] - before.get("customer_support_tickets_total", 0) == 40
    assert 0 < after["customer_support_sla_compliance_rate"] <= 1
    assert figures(service)["customer_support_tickets_total"] == after["customer_support_tickets_total"]


def test_log_has_json_lines_without_personal_data(service: ServiceProcess) -> None:
    body = {
        **TICKET,
        "customer_id": "anna.schmidt@example.com",
        "customer_name": "Anna Schmidt",
        "customer_email": "anna.schmidt@example.com",
        "message": "Ich bin Anna Schmidt, Tel. 0301234567, Karte 4111 1111 1111 1111",
    }
    ticket_id = service.ask("POST", TICKETS, json=body).json()["ticket_id"]
    text = service.log.read_text()
    assert not [word for word in ("Anna", "Schmidt", "0301234567", "4111", "Karte") if word in text]
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines if line.get("ticket_id") == ticket_id] == ["ticket_created"]


def test_documentation_is_served_from_here(service: ServiceProcess) -> None:
    assert service.ask("GET", "/docs").status_code == 200
    assert service.ask("GET", "/static_content/swagger-ui-bundle.js").status_code == 200
    assert service.ask("GET", "/openapi.json").json()["paths"]["/classify"]["post"]

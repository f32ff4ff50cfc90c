from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from data.articles import load_articles
from kb_index.build import build_index
from models.bundle import open_vocabulary
from tests.integration.service.process import ROOT, ServiceProcess
from tests.integration.service.untrained import promote_another

pytestmark = pytest.mark.service
TICKETS = "/api/v1/tickets"
HEAVY = ("torch", "sklearn", "mlflow", "pandas", "datasets", "transformers", "sentence_transformers")
WITHIN_S = 20.0


def until(condition: Callable[[], bool]) -> None:
    """Returns when `condition` holds."""
    end = time.perf_counter() + WITHIN_S
    while not condition():
        assert time.perf_counter() < end, "did not happen in time"
        time.sleep(0.1)


def message(number: int) -> dict[str, str]:
    return {"customer_id": f"C-{number}", "channel": "chat", "message": "I forgot my password"}


def test_killed_service_keeps_every_acknowledged_ticket_and_then_stops_in_order(
    own_service: ServiceProcess,
) -> None:
    acknowledged: list[str] = []

    def send(user: int) -> None:
        with httpx.Client(base_url=own_service.url, timeout=30) as client:
            for number in range(10_000):
                try:
                    response = client.post(TICKETS, json=message(user * 10_000 + number))
                except httpx.TransportError:
                    return
                acknowledged.append(response.json()["ticket_id"])

    users = [threading.Thread(target=send, args=(user,)) for user in range(16)]
    for user in users:
        user.start()
    until(lambda: len(acknowledged) > 300)
    own_service.kill()
    for user in users:
        user.join()
    own_service.start()
    with httpx.Client(base_url=own_service.url, timeout=30) as client:
        lost = [found for found in acknowledged if client.get(f"{TICKETS}/{found}").status_code != 200]
    assert len(set(acknowledged)) == len(acknowledged) > 300
    assert lost == []
    pids = own_service.worker_pids()
    assert len(pids) == 2
    assert own_service.stop() < 8
    assert not any(_alive(pid) for pid in pids)


def test_workers_end_when_their_parent_is_killed(spawned: Callable[..., ServiceProcess]) -> None:
    process = spawned(workers=1)
    until(lambda: bool(process.answers()))
    pids = process.worker_pids()
    assert process.process is not None
    process.process.send_signal(signal.SIGKILL)
    process.process.wait()
    until(lambda: not any(_alive(pid) for pid in pids))


@pytest.mark.parametrize("own_service", [1], indirect=True)
def test_new_versions_are_taken_up_without_a_restart_and_broken_ones_are_not(
    own_service: ServiceProcess,
) -> None:
    def versions() -> tuple[str, str]:
        answer = own_service.ask("POST", "/resolve", json={"message": "password"}).json()
        return answer["model_version"], answer["index_version"]

    model, index = versions()
    build_index(load_articles()[:60], open_vocabulary(), own_service.var / "index")
    until(lambda: versions()[1] != index)
    assert promote_another(own_service.var, seed=1) != model
    until(lambda: versions()[0] != model)
    model, index = versions()
    (own_service.var / "index" / "CURRENT").write_text("missing-version\n")
    (own_service.var / "bundles" / "CHAMPION").write_text("missing-version\n")
    until(lambda: versions() == (model, index) and _reload_failures(own_service) == {"bundle", "index"})
    assert own_service.ask("POST", TICKETS, json=message(1)).status_code == 201


def test_article_that_fails_its_customers_is_used_by_no_worker_until_it_rises_again(
    own_service: ServiceProcess,
) -> None:
    def create(number: int, language: str = "en") -> dict[str, Any]:
        body = {**message(number), "language": language}
        created: dict[str, Any] = own_service.ask("POST", TICKETS, json=body).json()
        return created

    def rate(ticket: dict[str, Any], rating: int) -> None:
        path = f"{TICKETS}/{ticket['ticket_id']}/satisfaction"
        assert own_service.ask("POST", path, json={"rating": rating}).status_code == 201

    def answered(number: int) -> set[bool]:
        return {create(number + offset)["auto_resolved"] for offset in range(20)}

    tickets = [create(number) for number in range(2)]
    assert [ticket["auto_resolved"] for ticket in tickets] == [True, True]
    for ticket in tickets:
        rate(ticket, 0)
    until(lambda: answered(100) == {False})
    assert "article_unsuccessful" in {reason["code"] for reason in create(200)["reasons"]}
    assert create(201, "de")["auto_resolved"], "other languages are judged by themselves"
    rate(tickets[0], 10)
    until(lambda: answered(300) == {True})


def test_service_without_a_bundle_says_what_to_do(spawned: Callable[..., ServiceProcess]) -> None:
    process = spawned(workers=1)

    until(lambda: "firstline train all" in process.answers())
    response = process.ask("POST", TICKETS, json=message(1))
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert process.ask("GET", "/healthz").status_code == 200


def test_worker_loads_nothing_heavy(tmp_path: Path) -> None:
    script = f"import sys, serving.service, serving.worker; print([m for m in {HEAVY} if m in sys.modules])"
    environment = {**os.environ, "BENTOML_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def _reload_failures(service: ServiceProcess) -> set[str]:
    """Returns the parts of which a new version could not be opened."""
    text = service.ask("GET", "/metrics").text
    found = re.findall(r'firstline_reload_failures_total{part="(\w+)"} ([\d.]+)', text)
    return {part for part, count in found if float(count) > 0}


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False

"""The served bundle changes under load: promoted and rolled back by another process, and once to a damaged one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import numpy as np
import pytest
from mlflow import MlflowClient

from data.schema import Language, Split
from data.tickets import load_tickets, write_tickets
from models.bundle import WEIGHTS_FILE, Bundle, save_bundle
from models.champion import champion_version, place, point_to
from models.history import Action, read_history
from tests.integration.service.process import ROOT, ServiceProcess
from tests.integration.service.untrained import TOPIC, untrained_bundle
from training.registry import register
from training.tracking import open_client

pytestmark = [pytest.mark.service, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]
TICKETS = "/api/v1/tickets"
OTHER_TOPIC = "order_tracking"
WITHIN_S = 120.0
PAUSE_S = 0.05
MESSAGES = (
    "I forgot my password",
    "Olvidé mi contraseña",
    "J'ai oublié mon mot de passe",
    "Ich habe mein Passwort vergessen",
    "パスワードを忘れました",
    "我忘记了密码",
)


@dataclass(frozen=True)
class Seen:
    """One ticket as its customer and its explanation show it."""

    topic: str
    explained_topic: str
    model_version: str


@dataclass
class Crowd:
    """Customers who write all the time; every answer is kept."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def write(self, customer: int) -> None:
        """Writes tickets and asks for their explanations until it is told to stop."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            number = 0
            while not self.done.is_set():
                number += 1
                body = {
                    "customer_id": f"C-{customer}-{number}",
                    "channel": "chat",
                    "message": MESSAGES[number % len(MESSAGES)],
                }
                try:
                    created = client.post(TICKETS, json=body)
                    path = f"{TICKETS}/{created.json()['ticket_id']}/explanation"
                    explained = client.get(path)
                    found = (created.status_code, explained.status_code)
                    if found != (201, 200):
                        self.failures.append(f"{found}: {created.text} {explained.text}")
                    why = explained.json()
                    self.seen.append(
                        Seen(created.json()["topic"], why["topic"]["value"], why["model_version"])
                    )
                except (httpx.TransportError, KeyError) as error:
                    self.failures.append(repr(error))
                self.done.wait(PAUSE_S)

    def versions(self, last: int) -> set[str]:
        """Returns the versions behind the last tickets."""
        return {one.model_version for one in self.seen[-last:]}


@contextmanager
def crowd_at(service: ServiceProcess, customers: int = 4) -> Iterator[Crowd]:
    crowd = Crowd(service.url)
    threads = [threading.Thread(target=crowd.write, args=(number,)) for number in range(customers)]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        crowd.done.set()
        for thread in threads:
            thread.join()


def until(condition: Callable[[], bool]) -> None:
    """Returns when `condition` holds."""
    end = time.perf_counter() + WITHIN_S
    while not condition():
        assert time.perf_counter() < end, "did not happen in time"
        time.sleep(0.05)


def another_bundle(seed: int) -> Bundle:
    """Returns a bundle that takes every message for a question about an order."""
    bundle = untrained_bundle(np.random.default_rng(seed))
    topic = bundle.heads["topic"]
    swapped = {TOPIC: OTHER_TOPIC, OTHER_TOPIC: TOPIC}
    labels = tuple(swapped.get(label, label) for label in topic.labels)
    return replace(bundle, heads={**bundle.heads, "topic": replace(topic, labels=labels)})  # type: ignore[type-var]


def register_bundle(client: MlflowClient, bundle: Bundle, folder: Path) -> str:
    version = save_bundle(bundle, folder)
    experiment = client.create_experiment("test", artifact_location=(folder.parent / "artifacts").as_uri())
    run_id = client.create_run(experiment).info.run_id
    client.log_artifacts(run_id, str(folder), "bundle")
    register(client, f"{client.get_run(run_id).info.artifact_uri}/bundle", run_id, {"bundle": version})
    return version


def registry(service: ServiceProcess, *arguments: str) -> None:
    """Runs ``firstline registry`` in a process of its own, on the service's folder."""
    done = subprocess.run(
        [sys.executable, "-m", "training.cli", "registry", *arguments],
        cwd=ROOT,
        env={**os.environ, "FIRSTLINE_VAR": str(service.var)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_promotion_and_roll_back_by_another_process_drop_no_request_and_mix_nothing(
    own_service: ServiceProcess, tmp_path: Path
) -> None:
    bundles = own_service.var / "bundles"
    old = champion_version(bundles)
    client = open_client(f"sqlite:///{own_service.var / 'mlflow' / 'mlflow.db'}")
    new = register_bundle(client, another_bundle(5), tmp_path / "new")
    few = [ticket for ticket in load_tickets() if ticket.split is Split.TEST][:: 1260 // 30]
    assert {ticket.language for ticket in few} == set(Language)
    write_tickets(few, tmp_path / "few.jsonl")
    with crowd_at(own_service) as crowd:
        until(lambda: len(crowd.seen) > 50)
        tickets = ("--tickets", str(tmp_path / "few.jsonl"))
        registry(own_service, "promote", new, "--force", "for the test", *tickets)
        until(lambda: crowd.versions(40) == {new})
        registry(own_service, "rollback", "--why", "for the test")
        until(lambda: crowd.versions(40) == {old})
    assert crowd.failures == []
    assert {(one.model_version, one.topic, one.explained_topic) for one in crowd.seen} == {
        (old, TOPIC, TOPIC),
        (new, OTHER_TOPIC, OTHER_TOPIC),
    }
    actions = [record.change.action for record in read_history(bundles).records]
    assert actions == [Action.FOUND, Action.PROMOTE, Action.ROLL_BACK]


def test_damaged_bundle_is_not_served_and_counted_while_the_old_one_goes_on(
    own_service: ServiceProcess, tmp_path: Path
) -> None:
    bundles = own_service.var / "bundles"
    old = champion_version(bundles)
    version = save_bundle(another_bundle(6), tmp_path / "new")
    weights = place(tmp_path / "new", bundles, version) / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:-1000])
    with crowd_at(own_service) as crowd:
        until(lambda: len(crowd.seen) > 20)
        point_to(bundles, version)
        until(lambda: _reload_failures(own_service) > 0)
        refused_after = len(crowd.seen)
        until(lambda: len(crowd.seen) > refused_after + 50)
    assert crowd.failures == []
    assert {(one.model_version, one.topic) for one in crowd.seen} == {(old, TOPIC)}


def _reload_failures(service: ServiceProcess) -> float:
    text = service.ask("GET", "/metrics").text
    return sum(map(float, re.findall(r'firstline_reload_failures_total{part="bundle"} ([\d.]+)', text)))

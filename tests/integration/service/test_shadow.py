from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evaluation.shadow import Judged, ShadowFigures
from models.bundle import save_bundle
from models.challenger import challenge, dismiss
from models.champion import champion_version
from serving.settings import Settings, load_settings
from serving.settings.load import SHIPPED_FILE
from tests.integration.service.process import ServiceProcess
from tests.integration.service.untrained import untrained_bundle
from training.shadow import read_shadow

pytestmark = pytest.mark.service
TICKETS = "/api/v1/tickets"
MESSAGES = (
    "I forgot my password",
    "Olvidé mi contraseña",
    "J'ai oublié mon mot de passe",
    "Ich habe mein Passwort vergessen",
    "パスワードを忘れました",
    "我忘记密码了",
)
WITHIN_S = 60.0


def until(condition: Callable[[], bool]) -> None:
    end = time.perf_counter() + WITHIN_S
    while not condition():
        assert time.perf_counter() < end, "did not happen in time"
        time.sleep(0.1)


def send(service: ServiceProcess) -> list[str]:
    """Returns the tickets that the messages became; all of them are answered."""
    answers = [
        service.ask("POST", TICKETS, json={"customer_id": "C", "channel": "chat", "message": message}).json()
        for message in MESSAGES
    ]
    assert all(answer["auto_resolved"] for answer in answers)
    return [answer["ticket_id"] for answer in answers]


def challenger_that_never_answers(service: ServiceProcess) -> str:
    bundle = untrained_bundle(np.random.default_rng(7))
    never = {name: replace(found, value=None) for name, found in bundle.thresholds.items()}
    folder = service.var / "made"
    version = save_bundle(replace(bundle, thresholds=never), folder)
    challenge(folder, service.var / "bundles", version)
    return version


def scored(service: ServiceProcess) -> bool:
    return 'firstline_shadow_tickets_total{outcome="scored"}' in service.ask("GET", "/metrics").text


@pytest.mark.parametrize("own_service", [1], indirect=True)
def test_challenger_reads_live_tickets_beside_the_champion_and_acts_on_none(
    own_service: ServiceProcess,
) -> None:
    settings: Settings = load_settings(SHIPPED_FILE, {"FIRSTLINE_VAR": str(own_service.var)})
    champion = champion_version(settings.models.bundles)
    challenger = challenger_that_never_answers(own_service)

    def found() -> ShadowFigures | None:
        return read_shadow(champion, challenger, settings)

    until(lambda: bool(send(own_service)) and scored(own_service))
    before = found()
    tickets = send(own_service)
    until(lambda: (now := found()) is not None and now.tickets >= (before.tickets if before else 0) + 6)
    own_service.ask(
        "POST", f"{TICKETS}/{tickets[4]}/corrections", json={"agent": "a-1", "topic": "refund_status"}
    )
    figures = found()
    assert figures is not None
    assert (figures.champion_answered.value, figures.challenger_answered.value) == (1.0, 0.0)
    assert figures.agreement["topic"].value == 1.0
    assert figures.corrected["topic"] == Judged(1, 0, 0)
    dismiss(settings.models.bundles)
    time.sleep(2.5)
    quiet = found()
    send(own_service)
    time.sleep(1.0)
    assert found() == quiet

from __future__ import annotations

import pytest

from data.schema import LabelledTicket, Language, Split
from data.tickets import TICKETS_DIR, load_tickets
from tests.behaviour.probe import Probe, sample
from tests.conftest import Champion


@pytest.fixture(scope="session")
def probe(champion: Champion) -> Probe:
    return Probe(champion.opened.desk, champion.bundle)


@pytest.fixture(scope="session")
def samples() -> dict[Language, list[LabelledTicket]]:
    """Some calibration tickets of each language, always the same ones."""
    tickets = [ticket for ticket in load_tickets(TICKETS_DIR) if ticket.split is Split.CALIBRATION]
    return {language: sample(tickets, language) for language in Language}

from __future__ import annotations

import json
from collections import Counter

import numpy as np

from evaluation.gaps import GapCluster, GapTicket, Inbox
from evaluation.pages.gaps import GapFigures, gaps_json, gaps_page
from evaluation.ticket_file import FileTicket
from tests.unit.serving.orchestrator.fakes import ARTICLES


def gap(text: str, language: str) -> GapTicket:
    return GapTicket(
        FileTicket("T1", "f:1", "", text, language, None, None, None), language, frozenset(), "KB001", 0.1
    )


TICKETS = [
    gap("ギフトカードの残高は？", "ja"),
    gap("Guthaben? eva@beispiel.de", "de"),
    gap("礼品卡余额", "zh"),
]
CLUSTER = GapCluster(TICKETS, {"ja": ["ギフトカード"], "de": ["guthaben"]}, "KB001", 1.0, 0.1)


def figures(clusters: list[GapCluster]) -> GapFigures:
    inbox = Inbox(10, 5, 2, TICKETS, [np.zeros(2, np.float32)] * 3)
    purity = {"every topic": {"tickets": 3, "topics": 1, "grouped": 1.0, "purity": 1.0, "adjusted_rand": 1.0}}
    return GapFigures(inbox, clusters, 10, purity, ARTICLES, 22.5, "ten tickets", "bundle-1", "index-1")


def test_gaps_json_has_size_languages_examples_and_the_nearest_article() -> None:
    found = json.loads(json.dumps(gaps_json(figures([CLUSTER])), allow_nan=False))
    cluster = found["clusters"][0]
    assert (cluster["size"], cluster["share_of_tickets"]) == (3, 0.3)
    assert cluster["languages"] == {"ja": 1, "de": 1, "zh": 1}
    assert [example["text"] for example in cluster["examples"]][1] == "Guthaben? [email]"
    assert cluster["nearest_article"]["title"] == "KB001 Reset your password"
    assert cluster["worth_per_1000_tickets"] == 6750
    assert (found["answered"], found["kept_back_by_rules"], found["for_want_of_an_article"]) == (5, 2, 3)


def test_gaps_page_says_what_to_write() -> None:
    page = gaps_page(figures([CLUSTER]))
    assert "3 (30.0%) are not answered" in page.summary[0]
    assert "The largest has 3 tickets in 3 languages: ギフトカード." in page.summary[1]
    assert "save at most $6,750" in page.summary[2]
    assert CLUSTER.languages == Counter({"ja": 1, "de": 1, "zh": 1})
    assert all(len(row) == len(t.columns) for s in page.sections for t in s.tables for row in t.rows)


def test_gaps_page_without_a_group_says_so() -> None:
    assert gaps_page(figures([])).summary[-1].startswith("No matter comes up often enough")

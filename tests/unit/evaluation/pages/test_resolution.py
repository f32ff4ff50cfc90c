from __future__ import annotations

import json

from data.schema import LabelledTicket, Language
from evaluation.consistency import measure_consistency, replay_versions
from evaluation.pages.resolution import ResolutionFigures, resolution_json, resolution_page
from evaluation.replay import replay
from evaluation.selective import measure_selection, score_replayed
from models.thresholds import Threshold
from serving.offline import OfflineDesk
from tests.unit.evaluation.builders import ticket
from tests.unit.evaluation.test_replay import TAXONOMY
from tests.unit.serving.orchestrator.fakes import ARTICLES, FakeModels, make_desk, verdict

TICKETS = [
    ticket("password_reset", Language.JA, message="パスワードを忘れました"),
    ticket("refund_request", Language.DE, message="Geld zurück an eva@beispiel.de"),
    ticket("account_compromised", Language.ZH, message="我的账号"),
]
THRESHOLDS = {
    "account": Threshold("account", 0.85, 350, 8, 0.047),
    "other": Threshold("other", None, 0, 0, 1.0, labels_needed=80),
}


def measure(models: FakeModels, tickets: list[LabelledTicket]) -> ResolutionFigures:
    opened = OfflineDesk(make_desk(models), "bundle-1", "index-1")
    replayed = replay(opened, tickets, TAXONOMY)
    ways = score_replayed(replayed.rows, TAXONOMY)
    return ResolutionFigures(
        replayed=replayed,
        ways=ways,
        selection=measure_selection(ways),
        consistency=measure_consistency(replay_versions(opened, replayed.rows, TAXONOMY)),
        thresholds=THRESHOLDS,
        articles=ARTICLES,
        bound=0.05,
        source="three tickets",
    )


def test_resolution_json_lists_every_wrong_answer_without_personal_data() -> None:
    found = json.loads(json.dumps(resolution_json(measure(FakeModels(), TICKETS)), allow_nan=False))
    assert (found["tickets"], found["auto_resolved"], found["wrong_auto_resolved"]) == (3, 3, 2)
    refund = next(row for row in found["wrong"] if row["topic"] == "refund_request")
    assert (refund["article_given"], refund["article_right"]) == ("KB001", "KB032")
    assert refund["text"] == "Geld zurück an [email]"
    assert found["thresholds"]["other"]["labels_needed"] == 80
    assert found["by_category"]["account"]["tickets"] == 2
    assert found["by_channel"]["chat"]["precision_interval"][1] < 1


def test_resolution_page_says_in_sentences_what_was_found() -> None:
    page = resolution_page(measure(FakeModels(), TICKETS))
    assert "answers 100.0% of 3 tickets" in page.summary[0]
    assert "33.3% of these answers are right" in page.summary[0]
    assert "other" in page.summary[2]
    texts = [
        cell for section in page.sections for table in section.tables for row in table.rows for cell in row
    ]
    assert "KB032 Geld zurück" in texts
    assert "80 more labelled tickets as good as these would do" in texts


def test_resolution_page_desk_that_answers_nothing_is_a_page_all_the_same() -> None:
    figures = measure(FakeModels(verdict=verdict(probability=0.1)), TICKETS)
    assert "nothing was answered" in resolution_page(figures).summary[0]
    why_not = resolution_json(figures)["why_not"]
    assert why_not["below_threshold"] == (3, 3)

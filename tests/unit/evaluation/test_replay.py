from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from data.errors import DataError
from data.schema import LabelledTicket, Language
from data.taxonomy import Taxonomy, Topic
from evaluation.claims import GROUP_CLAIMS, OVERALL_CLAIM
from evaluation.replay import BATCH, Count, Replayed, as_incoming, count, count_by, replay
from serving.offline import OfflineDesk
from serving.orchestrator.desk import Desk
from tests.unit.evaluation.builders import ARTICLES, CATEGORIES, ticket
from tests.unit.serving.orchestrator.fakes import FakeModels, make_desk, reading, verdict

GROUPS = {
    "password_reset": "password_reset",
    "refund_request": "refund_status",
    "account_compromised": "account_issues",
}
TAXONOMY = Taxonomy(
    tuple(Topic(name, CATEGORIES[name], GROUPS[name], ARTICLES[name], "") for name in CATEGORIES)
)


@dataclass
class CountingDesk:
    """Hands batches on and remembers how large they were."""

    desk: Desk
    sizes: list[int] = field(default_factory=list)

    def accept(self, incoming):  # type: ignore[no-untyped-def]
        return self.desk.accept(incoming)

    def handle(self, intakes):  # type: ignore[no-untyped-def]
        self.sizes.append(len(intakes))
        return self.desk.handle(intakes)


def run(desk: Desk, tickets: list[LabelledTicket]):  # type: ignore[no-untyped-def]
    return replay(OfflineDesk(desk, "bundle-1", "index-1"), tickets, TAXONOMY)


def test_replay_desk_that_always_answers_counts_right_and_wrong() -> None:
    tickets = [
        ticket("password_reset", Language.DE),
        ticket("password_reset", Language.JA),
        ticket("refund_request", Language.JA),
        ticket("account_compromised", Language.ES),
    ]
    report = run(make_desk(), tickets)
    assert report.total() == Count(4, 4, 2)
    assert report.by_group() == {
        "password_reset": Count(2, 2, 0),
        "refund_status": Count(1, 1, 1),
        "account_issues": Count(1, 1, 1),
    }
    assert report.by_language() == {"de": Count(1, 1, 0), "es": Count(1, 1, 1), "ja": Count(2, 2, 1)}


def test_replay_desk_that_routes_counts_nothing_as_answered_or_wrong() -> None:
    desk = make_desk(FakeModels(reading(), verdict(probability=0.1)))
    report = run(desk, [ticket(), ticket("refund_request", Language.ZH)])
    assert report.total() == Count(2, 0, 0)
    assert report.total().precision is None


def test_replay_json_has_the_promised_figures() -> None:
    report = run(make_desk(), [ticket(), ticket(), ticket("account_compromised", Language.FR)]).json()
    assert {"tickets", "auto_resolved", "wrong_auto_resolved", "auto_resolution_rate", "precision"} <= set(
        report
    )
    assert (report["tickets"], report["auto_resolved"], report["wrong_auto_resolved"]) == (3, 3, 1)
    assert report["precision"] == pytest.approx(2 / 3)
    assert report["precision_interval"][0] < 2 / 3 < report["precision_interval"][1]
    assert (report["resolvable"], report["claim"]) == (2, OVERALL_CLAIM)
    assert (report["bundle"], report["index"]) == ("bundle-1", "index-1")
    assert report["by_group"]["password_reset"]["claim"] == GROUP_CLAIMS["password_reset"]
    assert report["by_language"]["fr"]["human_escalation_rate"] == 0.0
    assert report["seconds"] > 0


def test_replay_many_tickets_go_through_in_batches_and_keep_their_order() -> None:
    counting = CountingDesk(make_desk())
    tickets = [ticket(message=f"Passwort {number}") for number in range(BATCH + 10)]
    report = run(counting, tickets)  # type: ignore[arg-type]
    assert counting.sizes == [BATCH, 10]
    assert [row.ticket for row in report.rows] == tickets


def test_as_incoming_hides_the_labels() -> None:
    incoming = as_incoming(ticket(language=Language.JA))
    assert incoming.language is None
    assert (incoming.message, incoming.channel) == ("Passwort vergessen", "chat")


def test_replay_tally_hands_the_rest_to_people() -> None:
    tally = run(make_desk(), [ticket(), ticket()]).tally()
    assert (tally.tickets, tally.auto_resolved, tally.escalated) == (2, 2, 0)


def test_count_without_rows_has_no_rate_and_no_precision() -> None:
    assert count([]) == Count(0, 0, 0)
    assert (count([]).rate, count([]).precision) == (0.0, None)


def test_count_by_given_order_keeps_empty_groups() -> None:
    report = run(make_desk(), [ticket()])
    rows: list[Replayed] = list(report.rows)
    counted = count_by(rows, lambda row: str(row.ticket.language), ("zh", "de"))
    assert counted == {"zh": Count(0, 0, 0), "de": Count(1, 1, 0)}


def test_replay_counts_by_category_topic_and_channel_have_exact_intervals() -> None:
    report = run(make_desk(), [ticket(), ticket("refund_request", Language.ZH)])
    assert report.by_category() == {"account": Count(1, 1, 0), "returns": Count(1, 1, 1)}
    assert report.by_topic() == {"password_reset": Count(1, 1, 0), "refund_request": Count(1, 1, 1)}
    assert report.by_channel() == {"chat": Count(2, 2, 1)}
    row = Count(40, 20, 1).row()
    assert row["auto_resolution_interval"] == pytest.approx([0.338, 0.662], abs=1e-3)
    assert row["precision_interval"] == pytest.approx([0.751, 0.999], abs=1e-3)


def test_replay_topic_that_the_taxonomy_lacks_is_named() -> None:
    with pytest.raises(DataError, match="no topic 'password_reset'"):
        replay(OfflineDesk(make_desk(), "b", "i"), [ticket()], Taxonomy(()))

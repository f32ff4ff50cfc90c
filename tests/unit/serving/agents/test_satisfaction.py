from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.agents import MeasureCustomerSatisfactionCustomerServiceAgent
from serving.domain.satisfaction import ArticleOutcome, NpsBucket
from serving.domain.ticket import Ticket
from serving.errors import RatingError
from tests.unit.serving.orchestrator.fakes import (
    NOW,
    FakeModels,
    make_desk,
    message,
    shipped_settings,
    verdict,
)

SETTINGS = shipped_settings()
AGENT = MeasureCustomerSatisfactionCustomerServiceAgent(SETTINGS.satisfaction, SETTINGS.gate.article_success)


@pytest.fixture(scope="module")
def answered() -> Ticket:
    desk = make_desk()
    return desk.handle([desk.accept(message())])[0].ticket


@pytest.mark.parametrize(
    ("rating", "satisfied", "nps"),
    [
        (0, False, NpsBucket.DETRACTOR),
        (6, False, NpsBucket.DETRACTOR),
        (7, True, NpsBucket.PASSIVE),
        (8, True, NpsBucket.PASSIVE),
        (9, True, NpsBucket.PROMOTER),
        (10, True, NpsBucket.PROMOTER),
    ],
)
def test_rating_counts_for_csat_nps_and_the_article(
    answered: Ticket, rating: int, satisfied: bool, nps: NpsBucket
) -> None:
    rated = AGENT.rate(answered, rating, "Quick!", NOW)
    assert (rated.satisfied, rated.nps, rated.feedback) == (satisfied, nps, "Quick!")
    assert rated.article_outcome == ArticleOutcome("KB001", "en", satisfied)


def test_ticket_that_people_answered_teaches_no_article(answered: Ticket) -> None:
    desk = make_desk(FakeModels(verdict=verdict(probability=0.1)))
    routed = desk.handle([desk.accept(message())])[0].ticket
    assert AGENT.rate(routed, 10, "", NOW).article_outcome is None


def test_reopened_answer_still_teaches_its_article(answered: Ticket) -> None:
    reopened = replace(answered, auto_resolved=False)
    assert AGENT.rate(reopened, 1, "", NOW).article_outcome == ArticleOutcome("KB001", "en", success=False)


@pytest.mark.parametrize("rating", [-1, 11, 7.5, True, "9", None])
def test_rating_outside_its_scale_is_refused(answered: Ticket, rating: Any) -> None:
    with pytest.raises(RatingError, match="whole number from 0 to 10"):
        AGENT.rate(answered, rating, "", NOW)


def test_success_rate_falls_as_well_as_rises() -> None:
    assert AGENT.learn(0.8, success=True) == pytest.approx(0.82)
    assert AGENT.learn(0.8, success=False) == pytest.approx(0.72)
    assert AGENT.learn(None, success=False) == pytest.approx(0.81)


def test_rating_that_replaces_one_takes_the_earlier_step_back() -> None:
    assert AGENT.relearn(None, 9, None) == pytest.approx(0.91)
    assert AGENT.relearn(0.8, 2, None) == pytest.approx(0.72)
    assert AGENT.relearn(0.72, 9, 2) == pytest.approx(0.82)
    assert AGENT.relearn(0.82, 10, 9) == pytest.approx(0.82)


@given(st.floats(0, 1), st.lists(st.integers(0, 10), min_size=1, max_size=50))
def test_one_customer_moves_a_rate_by_one_step_however_often_they_rate(
    start: float, ratings: list[int]
) -> None:
    rate, before = AGENT.relearn(start, ratings[0], None), ratings[0]
    for rating in ratings[1:]:
        rate, before = AGENT.relearn(rate, rating, before), rating
    assert 0 <= rate <= 1
    assert abs(rate - start) <= 2 * SETTINGS.gate.article_success.weight + 1e-9


@given(st.floats(0, 1), st.lists(st.booleans(), max_size=50))
def test_success_rate_stays_a_share(start: float, outcomes: list[bool]) -> None:
    rate = start
    for success in outcomes:
        rate = AGENT.learn(rate, success)
    assert 0 <= rate <= 1


def test_two_failures_take_a_new_article_out_of_use() -> None:
    rate: float | None = None
    for _ in range(2):
        rate = AGENT.learn(rate, success=False)
    assert rate is not None
    assert rate < SETTINGS.gate.article_success.least

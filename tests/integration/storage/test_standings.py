from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from serving.storage.batch import BatchCommitter
from serving.storage.database import Database
from serving.storage.errors import TicketNotFoundError
from serving.storage.records import Lesson, RatingRow, StandingRow
from serving.storage.standings import StandingRepository
from serving.storage.tickets import TicketRepository
from tests.unit.serving.agents.test_satisfaction import AGENT
from tests.unit.serving.storage.builders import START, event, new_ticket

TICKETS = 24


@pytest.fixture
def tickets(database: Database, committer: BatchCommitter) -> TicketRepository:
    committer.commit([new_ticket(number) for number in range(TICKETS)])
    return TicketRepository(database)


def lesson(rating: int, article_id: str = "KB001", language: str = "de") -> Lesson:
    return Lesson(article_id, language, lambda rate, replaced: AGENT.relearn(rate, rating, replaced))


def rate(tickets: TicketRepository, number: int, rating: int, language: str = "de") -> None:
    row = RatingRow(rating=rating, at=START + timedelta(seconds=number))
    tickets.rate(new_ticket(number).ticket.id, row, event("rated"), lesson(rating, language=language))


def rates(database: Database) -> dict[tuple[str, str], tuple[float, int]]:
    rows = StandingRepository(database).all()
    return {(row.article_id, row.language): (round(row.rate, 6), row.ratings) for row in rows}


def test_rate_goes_down_and_up_and_each_language_has_its_own(
    database: Database, tickets: TicketRepository
) -> None:
    assert StandingRepository(database).all() == ()
    rate(tickets, 1, 2)
    assert rates(database) == {("KB001", "de"): (0.81, 1)}
    rate(tickets, 2, 10)
    rate(tickets, 3, 0, language="ja")
    assert rates(database) == {("KB001", "de"): (0.829, 2), ("KB001", "ja"): (0.81, 1)}
    assert StandingRepository(database).all()[0] == StandingRow(
        article_id="KB001",
        language="de",
        rate=pytest.approx(0.829),
        ratings=2,
        updated_at=START + timedelta(seconds=2),
    )


def test_rating_again_corrects_and_does_not_count_twice(
    database: Database, tickets: TicketRepository
) -> None:
    for rating in (0, 0, 0, 1):
        rate(tickets, 1, rating)
    assert rates(database) == {("KB001", "de"): (0.81, 1)}
    rate(tickets, 1, 9)
    assert rates(database) == {("KB001", "de"): (0.91, 1)}


def test_rating_of_an_unknown_ticket_teaches_nothing(database: Database, tickets: TicketRepository) -> None:
    with pytest.raises(TicketNotFoundError):
        rate(tickets, TICKETS + 1, 0)
    assert rates(database) == {}


def test_failed_lesson_undoes_the_rating(database: Database, tickets: TicketRepository) -> None:
    broken = Lesson("KB001", "de", lambda _rate, _replaced: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tickets.rate(new_ticket(1).ticket.id, RatingRow(rating=1, at=START), event("rated"), broken)
    assert tickets.get(new_ticket(1).ticket.id).rating is None
    assert rates(database) == {}


def test_ratings_at_once_are_learnt_one_after_the_other(
    database: Database, tickets: TicketRepository
) -> None:
    failures: list[Exception] = []

    def work(first: int) -> None:
        try:
            for number in range(first, TICKETS, 4):
                rate(tickets, number, 0)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rates(database) == {("KB001", "de"): (round(0.9 * 0.9**TICKETS, 6), TICKETS)}


def test_same_ticket_rated_at_once_counts_once(database: Database, tickets: TicketRepository) -> None:
    threads = [threading.Thread(target=rate, args=(tickets, 1, 0)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rates(database) == {("KB001", "de"): (0.81, 1)}

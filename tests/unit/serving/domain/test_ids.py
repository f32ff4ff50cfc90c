import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from serving.domain.ids import RandomIds

NOW = datetime(2025, 1, 16, 12, 34, 56, tzinfo=UTC)


def test_ticket_id_has_the_form_of_the_brief() -> None:
    assert re.fullmatch(r"TKT-20250116123456-[0-9a-f]{6}", RandomIds().ticket_id(NOW))


def test_ticket_id_is_in_utc() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=9)))
    assert RandomIds().ticket_id(local).startswith("TKT-20250116123456-")


def test_ids_of_one_second_never_repeat_within_and_across_workers() -> None:
    workers = [RandomIds(partition, 3) for partition in range(3)]
    given = [worker.ticket_id(NOW) for worker in workers for _ in range(3000)]
    assert len(set(given)) == len(given)


def test_partition_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="partition 2"):
        RandomIds(2, 2)

from hypothesis import given
from hypothesis import strategies as st

from serving.domain.ticket import PRIORITIES, Priority

PRIORITY = st.sampled_from(Priority)


def test_raised_by_one_level_is_the_next_priority() -> None:
    assert Priority.LOW.raised(1) is Priority.MEDIUM
    assert Priority.HIGH.raised(1) is Priority.CRITICAL
    assert Priority.HIGH.raised(-1) is Priority.MEDIUM


@given(PRIORITY, st.integers(-9, 9))
def test_raised_never_leaves_the_four_levels(priority: Priority, levels: int) -> None:
    place = PRIORITIES.index(priority) - levels
    assert priority.raised(levels) is PRIORITIES[min(3, max(0, place))]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema import Category, Sentiment
from serving.domain.ticket import PRIORITIES, Priority, Tier
from serving.orchestrator.priority import score_priority
from tests.unit.serving.orchestrator.fakes import shipped_settings

C, S, T = Category, Sentiment, Tier


@pytest.mark.parametrize(
    ("tier", "sentiment", "category", "urgent", "score", "priority"),
    [
        (T.GOLD, S.NEUTRAL, C.ACCOUNT, False, 2, Priority.MEDIUM),
        (T.STANDARD, S.NEUTRAL, C.ACCOUNT, False, 1, Priority.MEDIUM),
        (T.PLATINUM, S.NEUTRAL, C.ACCOUNT, False, 3, Priority.HIGH),
        (T.ENTERPRISE, S.NEUTRAL, C.ACCOUNT, False, 4, Priority.HIGH),
        (T.STANDARD, S.NEUTRAL, C.ACCOUNT, True, 3, Priority.HIGH),
        (T.STANDARD, S.NEGATIVE, C.TECHNICAL, False, 3, Priority.HIGH),
        (T.GOLD, S.VERY_NEGATIVE, C.BILLING, True, 5, Priority.CRITICAL),
        (T.GOLD, S.VERY_POSITIVE, C.COMPLAINT, True, 5, Priority.CRITICAL),
        (T.ENTERPRISE, S.VERY_NEGATIVE, C.COMPLAINT, True, 8, Priority.CRITICAL),
    ],
)
def test_score_priority_follows_the_arithmetic(
    tier: Tier, sentiment: Sentiment, category: Category, urgent: bool, score: int, priority: Priority
) -> None:
    scored = score_priority(shipped_settings().priority, tier, sentiment, category, urgent)
    assert (scored.score, scored.priority) == (score, priority)


def test_low_is_reached_below_the_last_cut_off() -> None:
    policy = shipped_settings().priority.model_copy(update={"start": 1})
    scored = score_priority(policy, T.STANDARD, S.NEUTRAL, C.OTHER, urgent=False)
    assert scored.priority is Priority.LOW


@given(st.sampled_from(T), st.sampled_from(S), st.sampled_from(C), st.booleans())
def test_parts_add_up_and_urgency_never_lowers(
    tier: Tier, sentiment: Sentiment, category: Category, urgent: bool
) -> None:
    policy = shipped_settings().priority
    scored = score_priority(policy, tier, sentiment, category, urgent)
    assert sum(part.points for part in scored.parts) == scored.score
    assert all(part.points for part in scored.parts)
    more = score_priority(policy, tier, sentiment, category, urgent=True)
    assert PRIORITIES.index(more.priority) <= PRIORITIES.index(scored.priority)

from __future__ import annotations

from dataclasses import replace

from data.calibration_parts import TUNING_SHARE, is_tuning
from data.schema import Language
from evaluation.judged import divide_judged
from evaluation.replay import replay
from serving.offline import OfflineDesk
from tests.unit.evaluation.builders import ticket
from tests.unit.evaluation.test_replay import TAXONOMY
from tests.unit.serving.orchestrator.fakes import FakeModels, make_desk

LANGUAGES = (Language.JA, Language.ZH, Language.ES)


def test_divide_judged_parts_are_those_of_training_and_know_what_is_right() -> None:
    topics = ("password_reset", "refund_request")
    own = [
        replace(
            ticket(topics[i % 2], LANGUAGES[i % 3], message="パスワードを忘れました"), pattern=f"pattern-{i}"
        )
        for i in range(30)
    ]
    rows = replay(OfflineDesk(make_desk(FakeModels()), "bundle-1", "index-1"), own, TAXONOMY).rows
    tuning, certifying = divide_judged(rows)
    expected = [row for row in rows if not is_tuning(row.ticket.pattern)]
    assert len(tuning) + len(certifying) == 30
    assert certifying.right.tolist() == [row.right for row in expected]
    assert 0 < certifying.right.mean() < 1
    assert certifying.categories.tolist() == [row.outcome.explanation.category.value for row in expected]
    assert certifying.probabilities.tolist() == [row.outcome.explanation.probability for row in expected]


def test_is_tuning_share_of_patterns_is_as_named_in_every_script() -> None:
    patterns = [f"{name}-{number}" for name in ("チケット", "工单", "billete") for number in range(1_000)]
    share = sum(map(is_tuning, patterns)) / len(patterns)
    assert abs(share - TUNING_SHARE) < 0.03
    assert not any(is_tuning(pattern, 0.0) for pattern in patterns)
    assert all(is_tuning(pattern, 1.0) for pattern in patterns)
    assert {p for p in patterns if is_tuning(p, 0.1)} <= {p for p in patterns if is_tuning(p, 0.3)}

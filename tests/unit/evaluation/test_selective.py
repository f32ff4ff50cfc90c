from __future__ import annotations

import numpy as np
import pytest

from data.schema import Language
from evaluation.replay import replay
from evaluation.selective import SCORER, SEARCH, TOPIC, Scored, measure_selection, score_replayed
from serving.offline import OfflineDesk
from tests.unit.evaluation.builders import ticket
from tests.unit.evaluation.test_replay import TAXONOMY
from tests.unit.serving.orchestrator.fakes import FakeModels, make_desk, reading, verdict


def score(models: FakeModels, topic: str) -> dict[str, Scored]:
    opened = OfflineDesk(make_desk(models), "bundle-1", "index-1")
    return score_replayed(replay(opened, [ticket(topic, Language.JA)], TAXONOMY).rows, TAXONOMY)


def test_score_replayed_each_way_answers_with_its_own_article() -> None:
    models = FakeModels(reading(topic="refund_request"), verdict("KB001", probability=0.97))
    ways = score(models, "refund_request")
    assert {name: (way.confidence[0], bool(way.right[0])) for name, way in ways.items()} == {
        SCORER: (0.97, False),
        TOPIC: (0.8, True),
        SEARCH: (0.8, False),
    }


def test_score_replayed_topic_without_an_article_is_never_sure_and_never_right() -> None:
    way = score(FakeModels(reading(topic="account_compromised")), "account_compromised")[TOPIC]
    assert (way.confidence[0], bool(way.right[0])) == (0.0, False)


def test_measure_selection_better_order_has_less_risk_and_more_coverage() -> None:
    right = np.arange(100) < 60
    found = measure_selection(
        {"good": Scored(-np.arange(100.0), right), "bad": Scored(np.arange(100.0), right)}
    )
    assert found["good"]["aurc"].value < found["bad"]["aurc"].low
    assert found["good"]["coverage_at_95_precision"].value == pytest.approx(0.63)
    assert found["bad"]["coverage_at_95_precision"].value == 0.0
    assert found["good"]["aurc"].low <= found["good"]["aurc"].value <= found["good"]["aurc"].high

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from evaluation.drift import LANGUAGE, TOPIC, Drift, ScoreShift, Verdict, measure_drift
from evaluation.metrics import Interval
from evaluation.observation import Observation

LANGUAGES = np.array(["en", "es", "fr", "de", "ja", "zh"])
TOPICS = np.array([f"topic_{number}" for number in range(8)])


@cache
def everything() -> Observation:
    """3,000 tickets whose embedding says the topic and whose scores are noise."""
    random = np.random.default_rng(0)
    topic, language = random.integers(0, 8, 3000), random.integers(0, 6, 3000)
    embeddings = random.normal(size=(3000, 10)) * 0.4
    embeddings[np.arange(3000), topic] += 1
    return Observation(
        labels={
            LANGUAGE: LANGUAGES[language].tolist(),
            TOPIC: TOPICS[topic].tolist(),
            "topic on the label": np.where(random.random(3000) < 0.9, TOPICS[topic], TOPICS[0]).tolist(),
        },
        novelty=random.beta(2, 6, 3000),
        confidence=random.beta(6, 2, 3000),
        probability=random.random(3000),
        resolvable=random.random(3000) < 0.5,
        without_article=topic == 7,
        embeddings=embeddings.astype(np.float32),
    )


def halves(seed: int, size: int = 300) -> tuple[Observation, Observation]:
    rows = np.random.default_rng(seed).permutation(3000)
    return everything().take(rows[:size]), everything().take(rows[size : 2 * size])


def shifted(label: str, value: str, times: float) -> tuple[Observation, Observation]:
    """Two sets without a common ticket; in the second, one value of a label is `times` as likely."""
    random = np.random.default_rng(7)
    rows = random.permutation(3000)
    first, rest = rows[:1000], rows[1000:]
    weights = np.where(np.array(everything().labels[label])[rest] == value, times, 1.0)
    second = random.choice(rest, 700, replace=False, p=weights / weights.sum())
    return everything().take(first), everything().take(second)


def test_measure_drift_two_halves_of_one_set_seldom_raise_an_alarm() -> None:
    verdicts = [measure_drift(*halves(seed), seed=seed).verdict for seed in range(20)]
    assert sum(verdict is not Verdict.NONE for verdict in verdicts) <= 3


def test_measure_drift_language_that_grew_is_named_and_its_texts_are_not() -> None:
    drift = measure_drift(*shifted(LANGUAGE, "ja", 3))
    assert drift.verdict is Verdict.DRIFT
    assert drift.has_changed("labels", LANGUAGE)
    assert drift.labels[LANGUAGE].moved(0.05)[0].value == "ja"
    assert not drift.has_changed("labels", TOPIC)
    assert not any(drift.has_changed("texts", str(language)) for language in LANGUAGES)


def test_measure_drift_topic_that_grew_is_named_and_shows_in_the_texts() -> None:
    drift = measure_drift(*shifted(TOPIC, "topic_3", 4))
    assert drift.verdict is Verdict.DRIFT
    assert drift.labels[TOPIC].moved(0.05)[0].value == "topic_3"
    assert drift.has_changed("texts", "all languages")
    assert not drift.has_changed("labels", LANGUAGE)


def test_measure_drift_scores_that_fell_are_found() -> None:
    reference, current = halves(1, 600)
    worse = Observation(
        **{
            **vars(current),
            "confidence": current.confidence - 0.1,
            "resolvable": current.resolvable & (current.probability < 0.7),
        }
    )
    drift = measure_drift(reference, worse)
    assert drift.has_changed("scores", "confidence in the topic")
    assert drift.has_changed("scores", "predicted resolvable")
    assert drift.scores["confidence in the topic"].difference.high < 0
    assert not drift.has_changed("scores", "distance from everything known")


def test_drift_change_that_is_sure_but_tiny_is_small() -> None:
    sure = ScoreShift(0.2, 0.201, Interval(0.001, 0.0005, 0.0015), effect=0.01, p_value=1e-9)
    assert Drift({}, {"distance from everything known": sure}, {}).verdict is Verdict.SMALL
    large = ScoreShift(0.2, 0.4, Interval(0.2, 0.19, 0.21), effect=0.5, p_value=1e-9)
    assert Drift({}, {"distance from everything known": large}, {}).verdict is Verdict.DRIFT
    assert (
        Drift({}, {"a": replace(large, p_value=0.03), "b": replace(sure, p_value=0.9)}, {}).verdict
        is Verdict.NONE
    )


def test_measure_drift_label_that_one_side_lacks_is_not_compared() -> None:
    reference, current = halves(3)
    bare = Observation(
        **{**vars(current), "labels": {LANGUAGE: current.labels[LANGUAGE], TOPIC: current.labels[TOPIC]}}
    )
    drift = measure_drift(reference, bare)
    assert set(drift.labels) == {LANGUAGE, TOPIC}
    assert "topic read right" not in drift.scores


def test_measure_drift_few_tickets_are_compared_without_their_texts() -> None:
    drift = measure_drift(*halves(4, 10))
    assert drift.texts == {}
    assert drift.verdict is Verdict.NONE


def test_measure_drift_same_seed_same_numbers() -> None:
    assert measure_drift(*halves(5, 100)).findings == measure_drift(*halves(5, 100)).findings

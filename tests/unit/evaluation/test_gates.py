from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.comparison import compare
from evaluation.gates import GATES_FILE, Gates, Verdict, check_against, check_alone, load_gates
from evaluation.outcomes import Outcomes
from evaluation.trial import Trial
from models.thresholds import Bound, Threshold
from serving.errors import ConfigError
from tests.unit.evaluation.outcomes import LANGUAGES, make_labels, misread, perfect, trial

GATES = load_gates()
LABELS = make_labels()
BEST = perfect(LABELS)
BOUND = Bound(0.05, 0.95)
ROWS = len(LABELS.language)


def refusals(verdicts: list[Verdict]) -> set[str]:
    return {verdict.gate for verdict in verdicts if not verdict.passed}


def alone(made: Trial, gates: Gates = GATES) -> set[str]:
    return refusals(check_alone(gates, made, LABELS, BOUND))


def against(champion: Outcomes, challenger: Outcomes) -> list[Verdict]:
    compared = compare(LABELS, champion, challenger, judged=GATES.comparison.judged, resamples=2000)
    return check_against(GATES, trial(challenger), trial(champion), compared)


def some(language: str, every: int = 2) -> np.ndarray:
    return np.asarray((LABELS.language == language) & (np.arange(ROWS) % every == 0))


def test_check_alone_good_bundle_passes_everything() -> None:
    assert alone(trial(BEST)) == set()


def test_check_against_itself_passes_everything() -> None:
    worse = misread(BEST, LABELS, some("de", 7))
    assert refusals(against(worse, worse)) == set()


def test_check_against_better_bundle_passes_everything() -> None:
    assert refusals(against(misread(BEST, LABELS, some("zh", 3)), BEST)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_against_worse_in_one_language_is_refused_there(language: str) -> None:
    verdicts = against(BEST, misread(BEST, LABELS, some(language, 3)))
    assert f"comparison.language.{language}.topic_accuracy" in refusals(verdicts)
    assert not any(gate.startswith(f"comparison.language.{name}") for name in LANGUAGES if name != language
                   for gate in refusals(verdicts))  # fmt: skip
    sentence = next(
        v.sentence for v in verdicts if v.gate == f"comparison.language.{language}.topic_accuracy"
    )
    assert f"in language {language}" in sentence
    assert "1.000 → 0.6" in sentence


def test_check_against_worse_in_one_category_is_refused_there() -> None:
    rows = (LABELS.category == "returns") & (np.arange(ROWS) % 4 == 0)
    assert "comparison.category.returns.category_recall" in refusals(
        against(BEST, misread(BEST, LABELS, rows))
    )


@pytest.mark.parametrize(
    ("column", "figure"),
    [("sentiment", "sentiment_macro_f1"), ("urgent", "urgency_f1"), ("right", "article_recall")],
)
def test_check_against_each_figure_is_judged(column: str, figure: str) -> None:
    broken = {
        "sentiment": np.full(ROWS, "neutral"),
        "urgent": np.zeros(ROWS, dtype=np.bool_),
        "right": BEST.right & (np.arange(ROWS) % 2 == 0),
    }
    found = refusals(against(BEST, replace(BEST, **{column: broken[column]})))
    assert f"comparison.all.all.{figure}" in found
    assert {gate.split(".")[-1] for gate in found} == {figure}


def test_check_against_one_ticket_worse_is_chance() -> None:
    one = np.zeros(ROWS, dtype=np.bool_)
    one[3] = True
    assert refusals(against(BEST, misread(BEST, LABELS, one))) == set()


def test_check_against_slow_bundle_is_refused() -> None:
    compared = compare(LABELS, BEST, BEST, judged=GATES.comparison.judged, resamples=100)
    slow = check_against(GATES, trial(BEST, latency_ms=2.1), trial(BEST), compared)
    assert refusals(slow) == {"latency.times_champion"}


def test_check_alone_language_far_below_the_best_is_refused() -> None:
    assert alone(trial(misread(BEST, LABELS, some("ja", 5)))) >= {"languages.ja.category_macro_f1"}
    assert alone(trial(misread(BEST, LABELS, some("ja", 30)))) == set()


def test_check_alone_language_with_few_tickets_is_not_judged() -> None:
    few = GATES.model_copy(update={"languages": GATES.languages.model_copy(update={"min_tickets": 1000})})
    assert not any("languages" in gate for gate in alone(trial(misread(BEST, LABELS, some("ja", 5))), few))


@pytest.mark.parametrize(
    "threshold",
    [
        Threshold("account", 0.5, 100, 3, 0.04),  # says 4 %, but the exact bound of 3 in 100 is 7.6 %
        Threshold("account", 0.5, 1000, 10, 0.06),  # the method that chose it says more than is promised
        Threshold("account", 0.5, 0, 0, 0.0),  # nothing stands behind it
    ],
)
def test_check_alone_threshold_without_its_bound_is_refused(threshold: Threshold) -> None:
    made = trial(BEST)
    thresholds = {**made.thresholds, "account": threshold}
    assert alone(replace(made, thresholds=thresholds)) == {"guarantee.threshold.account"}


def test_check_alone_threshold_never_needs_no_proof() -> None:
    outcomes = replace(BEST, answered=np.zeros(ROWS, dtype=np.bool_))
    thresholds = {name: Threshold(name, None, 5, 5, 1.0) for name in trial(BEST).thresholds}
    assert alone(trial(outcomes, thresholds=thresholds)) == set()


def test_check_alone_answer_in_a_category_without_proof_is_refused() -> None:
    answered = BEST.answered | (LABELS.category == "returns")
    right = BEST.right | (LABELS.category == "returns")
    found = check_alone(GATES, trial(replace(BEST, answered=answered, right=right)), LABELS, BOUND)
    assert "guarantee.proof" in refusals(found)
    assert "returns" in next(v.sentence for v in found if v.gate == "guarantee.proof")


def test_check_alone_more_wrong_answers_than_promised_are_refused() -> None:
    def wrong(count: int) -> Outcomes:
        right = BEST.right.copy()
        right[np.flatnonzero(BEST.answered)[:count]] = False
        return replace(BEST, right=right)

    answers = int(BEST.answered.sum())
    assert "guarantee.measured" in alone(trial(wrong(round(answers * 0.10))))
    assert "guarantee.measured" not in alone(trial(wrong(round(answers * 0.06)))), "6 % may be 5 % by chance"


def test_check_alone_dishonest_probabilities_are_refused() -> None:
    boastful = replace(
        BEST,
        category_probability=np.full(ROWS, 0.7),
        resolution_probability=np.where(BEST.right, 0.6, 0.4),
    )
    assert alone(trial(boastful)) == {"calibration.category", "calibration.resolution"}


def test_check_alone_calibration_of_few_tickets_may_be_off_by_chance() -> None:
    rows = np.arange(0, ROWS, 12)
    few = type(LABELS)(**{name: column[rows] for name, column in vars(LABELS).items()})
    honest = np.random.default_rng(2).random(len(rows)) < 0.7
    outcomes = type(BEST)(**{name: column[rows] for name, column in vars(BEST).items()})
    outcomes = replace(
        outcomes,
        category=np.where(honest, few.category, "other"),
        category_probability=np.full(len(rows), 0.7),
        answered=np.zeros(len(rows), dtype=np.bool_),
    )
    found = check_alone(GATES, trial(outcomes), few, BOUND)
    assert "calibration.category" not in refusals(found)


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"latency_ms": 20.1}, "latency.ms_per_ticket"),
        ({"bundle_bytes": 601_000_000}, "size.bundle_mb"),
        ({"encoder_bytes": 601_000_000}, "size.encoder_mb"),
    ],
)
def test_check_alone_budgets(change: dict[str, float], gate: str) -> None:
    assert alone(trial(BEST, **change)) == {gate}


def test_check_alone_encoder_of_unknown_size_is_not_judged() -> None:
    found = check_alone(GATES, trial(BEST, encoder_bytes=None), LABELS, BOUND)
    assert not any(verdict.gate == "size.encoder_mb" for verdict in found)


def test_load_gates_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    text = GATES_FILE.read_text(encoding="utf-8").replace("below_best", "bellow_best")
    (tmp_path / "gates.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gates\.toml[\s\S]*bellow_best[\s\S]*below_best"):
        load_gates(tmp_path / "gates.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("confidence = 0.95", "confidence = 1.5"),
        ("times_champion = 2.0", "times_champion = 0"),
        ('"topic_accuracy"', '"topics"'),
        ("[size]", "[sizes]"),
        ("[size]", "[size"),
    ],
)
def test_load_gates_what_makes_no_sense_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = GATES_FILE.read_text(encoding="utf-8").replace(old, new, 1)
    (tmp_path / "gates.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_gates(tmp_path / "gates.toml")


def test_load_gates_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_gates(tmp_path / "none.toml")


def test_load_gates_other_limits_are_used(tmp_path: Path) -> None:
    text = GATES_FILE.read_text(encoding="utf-8").replace("bundle_mb = 600.0", "bundle_mb = 1.0")
    (tmp_path / "gates.toml").write_text(text, encoding="utf-8")
    assert alone(trial(BEST), load_gates(tmp_path / "gates.toml")) == {"size.bundle_mb"}

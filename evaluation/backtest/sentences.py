"""What a backtest says in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.backtest.choices import ModelChoice
from evaluation.backtest.measures import Backtest
from evaluation.backtest.proof import Proof, Standing

WEAK_ANSWERS = 30
"""Fewer labelled answers say next to nothing about precision."""
MOST_ADVICE = 3


@dataclass(frozen=True, slots=True)
class Judges:
    """What judged.

    Attributes:
        models: which kind; `why` says in a sentence why that kind.
        learnt_from: tickets of the history that were learnt from.
        weak: whether their labels came from human replies.
    """

    models: ModelChoice
    why: str
    bundle: str
    learnt_from: int = 0
    weak: bool = False


def summarise(judges: Judges, figures: Mapping[str, Any]) -> list[str]:
    """Returns the sentences that a hurried reader reads."""
    found = figures["predicted_resolvable"]
    measured = figures["tickets"]["measured"]
    since = figures["method"]["measured_from"]
    first = (
        f"Predicted resolvable: {_percent(found)} of {measured:,} tickets"
        f"{f' since {since}' if since else ''}. A closed ticket says what people did, not what an answer would have "
        "done: this is a prediction, not a count of resolved tickets."
    )
    how = {
        ModelChoice.CHAMPION: "Judged by the models in use; nothing was learnt from these tickets, "
        "so all of them are measured. Their thresholds were proven on the tickets they learnt from, not yet on yours.",
        ModelChoice.TRAINED: f"Judged by models that learnt from {judges.learnt_from:,} of these tickets, "
        "measured on others"
        f"{'; their labels are what human replies name' if judges.weak else ''}.",
        ModelChoice.SEARCH_ONLY: "Judged by search alone, without knowledge of your topics: no threshold is "
        "proven, so nothing would be answered yet. What is said of unproven answers is an expectation "
        "carried over from other data.",
    }[judges.models]
    return [
        first,
        _precision_sentence(figures["precision"]),
        _unproven_sentence(figures, measured),
        how,
        *warn_unfamiliar(figures["unfamiliar"]),
        *_advice(figures),
    ]


def warn_unfamiliar(unfamiliar: Mapping[str, Any] | None) -> list[str]:
    """Returns a warning where far more tickets than usual are unlike those the models were made with."""
    if not unfamiliar or not unfamiliar["of"] or unfamiliar["low"] <= 2 * unfamiliar["expected"]:
        return []
    answers = unfamiliar["of_answers"]
    among = f", and {answers:.0%} of those it would have answered" if answers is not None else ""
    warning = (
        f"Warning: {unfamiliar['value']:.0%} of your tickets{among} are unlike the tickets that the models were made "
        f"with ({unfamiliar['expected']:.0%} would be usual). What the models expect does not hold for them: check "
        "answers by hand, and label them, before believing any share above."
    )
    return [warning]


def _precision_sentence(precision: Mapping[str, Any]) -> str:
    labels, replies = precision["labels"], precision["replies"]
    if not precision["answers"]:
        return "Nothing would have been answered, so there is no precision to speak of."
    parts = []
    cautious = precision["labels_if_empty_is_none"]
    if labels["of"]:
        few = " (too few to rely on)" if labels["of"] < WEAK_ANSWERS else ""
        parts.append(
            f"Precision: {_percent(labels)} of the {labels['of']:,} labelled answers are right{few}; "
            f"{labels['share_of_answers']:.0%} of the answers have a label"
        )
        if cautious["of"] > labels["of"]:
            parts.append(
                "should an empty cell mean that no article solved the ticket (--empty-article none), "
                f"{_percent(cautious)}"
            )
    else:
        parts.append("Precision is not known: no answered ticket says which article solved it")
    if replies["of"]:
        parts.append(
            f"agreement with human replies: {_percent(replies)}, over the {replies['share_of_answers']:.0%} of the "
            "answers whose reply points to an article (too favourable: where no article helped, replies point to none)"
        )
    parts.append(f"the models themselves expect {precision['expected']:.1%} (an expectation)")
    return "; ".join(parts) + "."


def _unproven_sentence(figures: Mapping[str, Any], measured: int) -> str:
    unproven = figures["unproven"]
    answers = unproven["precision"]["answers"]
    if not answers:
        return "No further tickets would be answered if more labels were there."
    labels = unproven["precision"]["labels"]
    known = (
        f"of those with a label {_percent(labels)} are right" if labels["of"] else "none of them has a label"
    )
    return (
        f"Not answered for want of proof: a further {answers / measured:.1%} of the tickets, where the models expect "
        f"{unproven['precision']['expected']:.1%} to be right ({known})."
    )


def _advice(figures: Mapping[str, Any]) -> list[str]:
    rows = [row for row in figures["labels_missing"] if row["tickets"] is not None]
    return [row["sentence"] for row in rows[:MOST_ADVICE]]


def _missing_sentence(name: str, proof: Proof, threshold: float | None) -> str:
    if proof.standing is Standing.PROVEN:
        return (
            f"{name}: the labels at hand would prove a threshold ({proof.wrong} of {proof.answers} answers wrong); "
            "training on them would set it."
        )
    if proof.missing is None and proof.answers == 0:
        return f"{name}: the models are never sure enough to answer; labels alone would not change that."
    if proof.standing is Standing.CONTRADICTED:
        return (
            f"{name}: {proof.wrong} of {proof.answers} labelled answers are wrong, more than was promised: better "
            "articles or training are needed, not more labels."
        )
    if proof.missing is None:
        return (
            f"{name}: {proof.wrong} of {proof.answers} labelled answers are wrong, above the promise; that may be "
            "chance, more labels would tell."
        )
    least = "at least " if proof.at_least else ""
    aim = (
        f"allow a threshold for {name}"
        if threshold is None
        else f"prove the threshold of {name} on your tickets"
    )
    return f"{name}: {least}{proof.missing:,} more tickets with the article that solved them would {aim}."


def missing_labels(found: Backtest) -> list[dict[str, Any]]:
    """Returns what each category lacks for a proven threshold of its own, those nearest to it first."""
    rows = [
        {
            "category": name,
            "tickets": 0 if proof.standing is Standing.PROVEN else proof.missing,
            "at_least": proof.at_least,
            "sentence": _missing_sentence(name, proof, found.thresholds.get(name)),
        }
        for name, proof in found.proofs.items()
        if proof.standing is not Standing.PROVEN or found.thresholds.get(name) is None
    ]
    return sorted(rows, key=lambda row: (row["tickets"] is None, row["tickets"] or 0, row["category"]))


def _percent(found: Mapping[str, Any]) -> str:
    if not found["of"]:
        return "none"
    return f"{found['value']:.1%} ({found['low']:.1%} to {found['high']:.1%})"

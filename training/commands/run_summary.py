"""Prints what a training run gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table

from training.commands.options import console

if TYPE_CHECKING:
    from models.thresholds import Threshold
    from training.pipeline import TrainedRun

HEADS = ("category", "topic", "sentiment", "urgency")


def print_run(run: TrainedRun, version: str) -> None:
    """Prints the figures of a run on the test split, and its thresholds."""
    metrics = run.bundle.metrics
    _print_languages(metrics)
    _print_calibration(metrics["models"]["calibration"])
    _print_selection(metrics)
    _print_thresholds(run.bundle.thresholds, metrics["rows"])
    console.print(f"bundle {run.bundle.version} is version {version}, the challenger; {run.seconds:.0f} s")


def _table(title: str, columns: tuple[str, ...], caption: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _print_languages(metrics: Mapping[str, Any]) -> None:
    table = _table(
        "test split",
        ("", "tickets", "category F1", "topic acc.", "sentiment F1", "urgency F1", "article @1", "@3"),
    )
    for name, row in {**metrics["models"]["by_language"], "all": metrics["models"]["overall"]}.items():
        keys = ("category_macro_f1", "topic_accuracy", "sentiment_macro_f1", "urgency_f1")
        recall = metrics["ranking"].get(name, {})
        recalls = (f"{recall[key]:.3f}" if recall else "" for key in ("recall@1", "recall@3"))
        table.add_row(name, str(row["tickets"]), *(f"{row[key]:.3f}" for key in keys), *recalls)
    console.print(table)


def _print_calibration(calibration: Mapping[str, Any]) -> None:
    languages = list(calibration[HEADS[0]]["by_language"])
    table = _table(
        "calibration error (ECE), test split",
        ("", "all", "Brier", *languages),
        "chance alone gives some 0.02 on all tickets and 0.05 on 200",
    )
    for head in HEADS:
        found = calibration[head]
        own = (f"{found['by_language'][language]['ece']:.3f}" for language in languages)
        table.add_row(head, f"{found['ece']:.3f}", f"{found['brier']:.3f}", *own)
    console.print(table)


def _print_selection(metrics: Mapping[str, Any]) -> None:
    table = _table("answering, test split", ("by", "AURC", "coverage at 95 % precision"))
    for way, figures in metrics["selection"].items():
        table.add_row(way, _interval(figures["aurc"]), _interval(figures["coverage_at_95_precision"]))
    console.print(table)
    answers, novelty = metrics["answers"], metrics["out_of_scope"]
    console.print(
        f"at the thresholds: {answers['answered']['value']:.1%} answered, "
        f"{answers['answered_right']['value']:.1%} of these right; recall@1 {answers['recall_at_1']:.3f}, "
        f"ECE {answers['ece']:.3f}"
    )
    if novelty["auroc"] is not None:
        console.print(
            f"out of scope ({novelty['out_of_scope']} of {novelty['texts']} tickets): AUROC "
            f"{novelty['auroc']:.3f}, AUPR-out {novelty['aupr_out']:.3f}, FPR@95TPR {novelty['fpr95']:.3f}"
        )


def _interval(found: Mapping[str, float]) -> str:
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def _print_thresholds(thresholds: Mapping[str, Threshold], rows: Mapping[str, int]) -> None:
    table = _table(
        f"thresholds, proven by {rows['certifying']:,} calibration tickets that nothing was fitted on",
        ("category", "threshold", "accepted", "wrong", "bound", ""),
    )
    table.columns[-1].justify = "left"
    for name, threshold in sorted(thresholds.items()):
        value = "never" if threshold.value is None else f"{threshold.value:.2f}"
        counts = (str(threshold.accepted), str(threshold.wrong), f"{threshold.upper_bound:.3f}")
        table.add_row(name, value, *counts, describe_evidence(threshold))
    console.print(table)


def describe_evidence(threshold: Threshold) -> str:
    """Returns what stands behind a threshold, or what is missing, in words."""
    together = ", together with the others that share it" if threshold.pooled else ""
    if threshold.labels_needed:
        return f"needs {threshold.labels_needed:,} more labelled tickets as good as these{together}"
    if threshold.value is None:
        return f"too many are wrong: more labels alone would not help{together}"
    return "promised of all that share it, taken together" if threshold.pooled else ""

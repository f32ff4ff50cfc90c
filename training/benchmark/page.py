"""The HTML report of a benchmark."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.benchmark import Part
from evaluation.labelling import Labelling
from evaluation.metrics import Interval
from evaluation.plots import plot_intervals, to_png
from evaluation.report import Cell, Plot, Report, Section, Table
from training.benchmark.run import BenchmarkResult

WORST = 15
HEAD, BASELINE = "head", "character n-grams"


def benchmark_page(result: BenchmarkResult, provenance: Mapping[str, str]) -> Report:
    """Returns the report."""
    sections = [_section(result, part, found) for part, found in result.found.items()]
    return Report("Benchmark", _summary(result), [*sections, _made(result)], provenance)


def _summary(result: BenchmarkResult) -> list[str]:
    learnt = f"{len(result.train):,} training rows of {len(result.head.labels):,} labels"
    lines = [
        f"Fitted on {learnt} in {result.train_seconds:.0f} s; labels {result.texts_per_second:,.0f} texts a second."
    ]
    for part, found in result.found.items():
        if found.inside.any():
            lines.append(f"{part}: accuracy {found.accuracy():.3f}, macro F1 {found.macro_f1():.3f}.")
    if result.foreign_languages:
        lines.append(f"Without a training text: {', '.join(result.foreign_languages)}.")
    return lines


def _section(result: BenchmarkResult, part: Part, found: Labelling) -> Section:
    tables, plots = [], []
    if found.inside.any():
        models = {HEAD: found} | ({BASELINE: result.baseline[part]} if result.baseline else {})
        accuracy = {name: _by_language(rows, "accuracy") for name, rows in models.items()}
        macro = {name: _by_language(rows, "macro_f1") for name, rows in models.items()}
        tables = [_table("Accuracy", accuracy, found), _table("Macro F1", macro, found), _labels(found)]
        plots = [
            Plot(
                to_png(plot_intervals(accuracy, "accuracy")),
                f"Accuracy on {part} by language, with 95 % intervals.",
            )
        ]
    if not found.inside.all():
        tables.append(_out_of_scope(found))
    return Section(f"Split {part}", tables=tables, plots=plots)


def _by_language(found: Labelling, figure: str) -> dict[str, Interval]:
    groups = {"all": found, **found.by_language()}
    return {name: getattr(rows, f"{figure}_interval")() for name, rows in groups.items()}


def _table(title: str, models: Mapping[str, Mapping[str, Interval]], found: Labelling) -> Table:
    counts = {"all": int(found.inside.sum())} | {
        name: len(rows.truth) for name, rows in found.by_language().items()
    }
    rows: list[list[Cell]] = [
        [name, count, *(intervals[name] for intervals in models.values())] for name, count in counts.items()
    ]
    note = "Rows in scope; a refused one counts as wrong. 95 % bootstrap intervals."
    return Table(title, ("language", "rows", *models), rows, note)


def _labels(found: Labelling) -> Table:
    """Returns the labels that are found least often."""
    kept = found.take(found.inside)
    rows: list[tuple[float, str, int, str]] = []
    for label in np.unique(kept.truth).tolist():
        own = kept.take(kept.truth == label)
        others, counts = np.unique(own.predicted[own.predicted != label], return_counts=True)
        taken_for = str(others[counts.argmax()]) if len(others) else ""
        rows.append((float((own.predicted == label).mean()), str(label), len(own.truth), taken_for))
    rows.sort()
    return Table(
        f"The {min(WORST, len(rows))} labels found least often",
        ("label", "rows", "recall", "most often taken for"),
        [(label, count, recall, other) for recall, label, count, other in rows[:WORST]],
    )


def _out_of_scope(found: Labelling) -> Table:
    from evaluation.labelling import figures_of

    names = {
        "oos_rows": "rows out of scope",
        "oos_recall": "share of them refused",
        "in_scope_refused": "share of the in-scope rows refused",
        "oos_fpr95": "share of them that passes where 95 % of the in-scope rows pass",
        "oos_auroc": "area under the ROC curve of the score",
        "accuracy_without_refusal": "in-scope accuracy had nothing been refused",
    }
    figures = figures_of(found)
    return Table(
        "Out of scope", ("figure", "value"), [(name, figures.get(key)) for key, name in names.items()]
    )


def _made(result: BenchmarkResult) -> Section:
    blends = {"languages trained on": result.head.known}
    if result.foreign_languages:
        blends["other languages"] = result.head.foreign
    rows: list[list[Cell]] = [
        [label, *(float(blend.shares.get(view, 0.0)) for view in result.head.views)]
        for label, blend in blends.items()
    ]
    return Section(
        "How the head is made",
        "The shares of the views are chosen on texts held out of the training split; dev and test are only measured.",
        [Table("Shares", ("for", *map(str, result.head.views)), rows)],
    )

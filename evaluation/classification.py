"""How well the models read: overall, per class, per language, per channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from data.schema import LabelledTicket
from evaluation.calibration import measure_calibration
from evaluation.metrics import binary_f1, macro_f1, share
from models.reading import Reading


def measure_readings(tickets: Sequence[LabelledTicket], readings: Sequence[Reading]) -> dict[str, Any]:
    """Returns the figures of every head on labelled tickets, overall and by language and channel."""
    slices: dict[str, Callable[[LabelledTicket], str]] = {
        "by_language": lambda ticket: str(ticket.language),
        "by_channel": lambda ticket: str(ticket.channel),
    }
    report: dict[str, Any] = {"overall": _figures(tickets, readings)}
    for name, key in slices.items():
        report[name] = {
            value: _figures(*_select(tickets, readings, key, value))
            for value in sorted(set(map(key, tickets)))
        }
    report["by_category"] = _per_class(tickets, readings)
    report["calibration"] = measure_calibration(tickets, readings)
    return report


def _select(
    tickets: Sequence[LabelledTicket],
    readings: Sequence[Reading],
    key: Callable[[LabelledTicket], str],
    value: str,
) -> tuple[list[LabelledTicket], list[Reading]]:
    rows = [i for i, ticket in enumerate(tickets) if key(ticket) == value]
    return [tickets[i] for i in rows], [readings[i] for i in rows]


def _figures(tickets: Sequence[LabelledTicket], readings: Sequence[Reading]) -> dict[str, float]:
    category = [str(ticket.category) for ticket in tickets]
    topic = [ticket.topic for ticket in tickets]
    sentiment = [str(ticket.sentiment) for ticket in tickets]
    return {
        "tickets": len(tickets),
        "category_macro_f1": macro_f1(category, [reading.category.value for reading in readings]),
        "category_accuracy": _accuracy(category, [reading.category.value for reading in readings]),
        "topic_accuracy": _accuracy(topic, [reading.topic.value for reading in readings]),
        "sentiment_macro_f1": macro_f1(sentiment, [reading.sentiment.value for reading in readings]),
        "urgency_f1": binary_f1(
            [ticket.urgent for ticket in tickets], [reading.is_urgent for reading in readings]
        ),
    }


def _accuracy(truth: Sequence[str], predicted: Sequence[str]) -> float:
    return float(np.mean([t == p for t, p in zip(truth, predicted, strict=True)]))


def _per_class(tickets: Sequence[LabelledTicket], readings: Sequence[Reading]) -> dict[str, Any]:
    report = {}
    for category in sorted({str(ticket.category) for ticket in tickets}):
        rows = [i for i, ticket in enumerate(tickets) if ticket.category == category]
        found = sum(readings[i].category.value == category for i in rows)
        report[category] = {"tickets": len(rows), "recall": asdict(share(found, len(rows)))}
    return report

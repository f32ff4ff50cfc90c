"""Batch predictions: JSON lines in, what the desk would do out, a bad row reported and passed over."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

import orjson

from data.schema import UNDETERMINED, Channel, Language
from serving.agents.inquiries import storable
from serving.domain.intake import Incoming, Intake
from serving.domain.outcome import Outcome
from serving.domain.ticket import Customer, Tier
from serving.errors import DeskError
from serving.orchestrator.desk import Desk

BATCH = 256
NOT_UTF8 = re.compile("[\udc80-\udcff]")
FIELDS = ("id", "subject", "message", "language", "channel", "customer_tier")


class RowError(ValueError):
    """An input row that is not a ticket."""


@dataclass
class PredictionReport:
    """What a run over a file gave.

    Attributes:
        problems: of each bad row, its line number and what is wrong.
    """

    predicted: int = 0
    auto_resolved: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


def predict_lines(desk: Desk, lines: Iterable[str], output: TextIO) -> PredictionReport:
    """Writes one JSON line a good input line to `output`, in their order; returns counts and problems."""
    report = PredictionReport()
    good = _read_rows(desk, lines, report)
    while batch := list(itertools.islice(good, BATCH)):
        outcomes = desk.handle([intake for _, intake in batch])
        for (row_id, _), outcome in zip(batch, outcomes, strict=True):
            row = prediction_row(row_id, outcome)
            output.write(orjson.dumps(row).decode() + "\n")
            report.predicted += 1
            report.auto_resolved += row["decision"] == "auto_resolve"
    return report


def prediction_row(row_id: str, outcome: Outcome) -> dict[str, Any]:
    """Returns the output row of one ticket."""
    seen, decision = outcome.explanation, outcome.decision
    return {
        "id": row_id,
        "language": seen.language,
        "category": seen.category.value,
        "category_probability": round(seen.category.probability, 4),
        "topic": seen.topic.value,
        "topic_probability": round(seen.topic.probability, 4),
        "sentiment": seen.sentiment.value,
        "sentiment_probability": round(seen.sentiment.probability, 4),
        "urgent": seen.urgent.value == "true",
        "urgent_probability": round(seen.urgent.probability, 4),
        "article_id": seen.article_id,
        "article_language": seen.article_language,
        "resolution_probability": round(seen.probability, 4),
        "decision": decision.action.value,
        "queue": decision.route.queue if decision.route else None,
        "priority": decision.priority.value,
        "reasons": [reason.code for reason in decision.reasons],
    }


def _read_rows(desk: Desk, lines: Iterable[str], report: PredictionReport) -> Iterator[tuple[str, Intake]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _parse(line)
            yield storable(_row_id(row, number)), desk.accept(_incoming(row))
        except (RowError, DeskError) as error:
            report.problems.append((number, str(error)))


def _row_id(row: dict[str, Any], number: int) -> str:
    """Returns the row's id, or its line number where it has none."""
    found = row.get("id")
    if found is None:
        return str(number)
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise RowError(f"id: text or a whole number, not {type(found).__name__}")
    return str(found)


def _parse(line: str) -> dict[str, Any]:
    if NOT_UTF8.search(line):
        raise RowError("not UTF-8")
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise RowError(f"not JSON: {error.msg} at column {error.colno}") from error
    except ValueError as error:
        raise RowError(f"not JSON that can be read: {error}") from error
    except RecursionError as error:
        raise RowError("not a ticket: nested too deeply") from error
    if not isinstance(row, dict):
        raise RowError(f"a row must be an object, not {type(row).__name__}")
    return row


def _incoming(row: dict[str, Any]) -> Incoming:
    message, subject = row.get("message"), row.get("subject") or ""
    if not isinstance(message, str) or not message.strip():
        raise RowError("message: missing, empty, or not text")
    if not isinstance(subject, str):
        raise RowError("subject: not text")
    language = _one_of(row, "language", {*Language, UNDETERMINED}) or None
    channel = _one_of(row, "channel", Channel) or Channel.EMAIL
    tier = _one_of(row, "customer_tier", Tier) or Tier.STANDARD
    customer = Customer(id="offline", tier=Tier(tier))
    return Incoming(customer, str(channel), message, subject, language)


def _one_of(row: dict[str, Any], name: str, known: Iterable[str]) -> str:
    """Returns the value of a field, empty where there is none."""
    value = row.get(name) or ""
    if value and (not isinstance(value, str) or value not in set(known)):
        raise RowError(f"{name}: {value!r} is none of {', '.join(sorted(known))}")
    return str(value)

"""Structured logs: one JSON object a line on standard output."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, cast

import orjson
import structlog

from data.errors import FirstlineError
from serving.observability.redaction import redact

FIRST_KEYS = ("timestamp", "level", "component", "event", "ticket_id", "customer_id")
Event = MutableMapping[str, Any]


def configure_logs(level: str = "INFO") -> None:
    """Sends our events and those of every library to standard output as redacted JSON lines.

    Args:
        level: ``DEBUG``, ``INFO``, ``WARNING``, ``ERROR``.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=cast(
            "Any",
            [structlog.stdlib.add_log_level, _add_timestamp, _describe_exception, redact, _order, _render],
        ),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LibraryFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    for name in ("bentoml", "uvicorn.error", "circus"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)


def get_log(component: str) -> structlog.typing.FilteringBoundLogger:
    """Returns the log of one part of the program, such as ``orchestrator``."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(component=component))


class LibraryFormatter(logging.Formatter):
    """Turns a library's record into a line like ours: who said it, and the constant part of what it said."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns one JSON object."""
        event: Event = {
            "level": record.levelname,
            "component": record.name,
            "event": str(record.msg)[:300],
            "exc_info": record.exc_info,
        }
        for process in PROCESSORS:
            event = process(None, "", event)
        return _render(None, "", event).decode()


def _add_timestamp(_logger: object, _method: str, event: Event) -> Event:
    event["level"] = str(event.get("level", "info")).upper()
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _describe_exception(_logger: object, _method: str, event: Event) -> Event:
    """Replaces ``exc_info`` by type and places: the message of an exception may hold a customer's text."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        event["stack"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames
        ]
        if isinstance(error, FirstlineError):
            event["error"] = str(error)
    return event


def _order(_logger: object, _method: str, event: Event) -> Event:
    first = {key: event[key] for key in FIRST_KEYS if key in event}
    return {**first, **{key: value for key, value in event.items() if key not in first}}


PROCESSORS = (_add_timestamp, _describe_exception, redact, _order)


def _render(_logger: object, _method: str, event: Event) -> bytes:
    return orjson.dumps(event, default=str)

from __future__ import annotations

import json
import logging
import subprocess
import sys

from data.errors import FirstlineError
from serving.observability.logs import LibraryFormatter

SCRIPT = """
import logging
from data.errors import FirstlineError
from serving.observability.logs import configure_logs, get_log
configure_logs("INFO")
log = get_log("orchestrator")
log.debug("hidden")
log.info("ticket_created", ticket_id="TKT-20250116123456-a1b2c3", customer_id="CUST-001", message="my secret")
logging.getLogger("bentoml").info("hidden too")
logging.getLogger("uvicorn.error").warning("said %s", "my secret")
try:
    raise ValueError("my secret")
except ValueError:
    log.exception("request_failed")
"""


def test_configure_logs_writes_one_redacted_object_a_line() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    created, library, failed = (json.loads(line) for line in done.stdout.splitlines())
    assert list(created)[:6] == ["timestamp", "level", "component", "event", "ticket_id", "customer_id"]
    assert created["timestamp"].endswith("Z")
    assert (created["level"], created["component"]) == ("INFO", "orchestrator")
    assert (library["component"], library["event"]) == ("uvicorn.error", "said %s")
    assert (failed["error_type"], failed["level"]) == ("ValueError", "ERROR")
    assert failed["stack"]
    assert "secret" not in done.stdout


def test_library_formatter_shows_the_text_of_our_own_errors() -> None:
    error = FirstlineError("no champion under var/bundles: run 'firstline train all' first")
    given = (FirstlineError, error, None)
    record = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "failed", (), given)
    line = json.loads(LibraryFormatter().format(record))
    assert line["error"].startswith("no champion")

"""The audit record of what was served: one line a promotion, refusal or roll-back, each chained to the one before.

The file lies beside the bundles it speaks of. A line is forced to the disk before the switch it announces, so that
no switch is without a record; where the process died in between, `reconcile` notes what is really served. A line
carries the hash of the line before it: one that was changed or taken out later shows.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.durable import sync_path
from models.champion import champion_version
from models.errors import BundleError

HISTORY_FILE = "HISTORY.jsonl"
START = "0" * 64


class Action(StrEnum):
    """What was done."""

    PROMOTE = "promote"
    REFUSE = "refuse"
    ROLL_BACK = "rollback"
    FOUND = "found"


@dataclass(frozen=True)
class Change:
    """What is to be recorded.

    Attributes:
        before: the bundle that was served, None at the first; `after` the one that was promoted, or refused.
        registered: the registry's number of `after`, where it is known.
        figures: of both bundles, as they were compared.
        gates: every verdict.
        forced: why a bundle was promoted although gates refused it.
        note: anything a reader should know besides.
    """

    action: Action
    actor: str
    before: str | None
    after: str | None
    registered: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    gates: Sequence[Mapping[str, Any]] = ()
    forced: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Record:
    """A line of the history.

    Attributes:
        number: from 1.
        at: ISO 8601, UTC.
        host: where it was done.
        previous: hash of the line before; `hash` of this one.
    """

    number: int
    at: str
    host: str
    change: Change
    previous: str
    hash: str

    def plain(self) -> dict[str, Any]:
        """Returns the record as it stands in the file."""
        return {**_content(self), "hash": self.hash}


@dataclass(frozen=True)
class History:
    """What the file holds.

    Attributes:
        problem: what is wrong with the chain, empty where it is whole.
    """

    records: Sequence[Record]
    problem: str = ""

    def served(self) -> list[str]:
        """Returns the bundles that were served, oldest first; a roll-back takes away what it went back behind."""
        line: list[str] = []
        for record in self.records:
            bundle = record.change.after
            if record.change.action is Action.REFUSE or bundle is None:
                continue
            if record.change.action is not Action.PROMOTE and bundle in line:
                while line.pop() != bundle:
                    pass
            if line[-1:] != [bundle]:
                line.append(bundle)
        return line


def current_actor() -> str:
    """Returns the name of the user whose process this is."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def read_history(root: Path) -> History:
    """Returns the history under `root`; a last line that was half written when the power went is not one."""
    try:
        raw = (root / HISTORY_FILE).read_bytes()
    except FileNotFoundError:
        return History([])
    records: list[Record] = []
    problem = ""
    for number, line in enumerate(raw[: raw.rfind(b"\n") + 1].splitlines(), 1):
        record = _parse(line)
        if record is None:
            problem = problem or f"{root / HISTORY_FILE}:{number}: not a record of a promotion"
            continue
        expected = records[-1].hash if records else START
        if not problem and (record.previous != expected or record.hash != _hash(record)):
            problem = f"{root / HISTORY_FILE}:{number}: not what was written, or a line before it is missing"
        records.append(record)
    return History(records, problem)


def append(root: Path, change: Change) -> Record:
    """Writes `change` to the history under `root`, forces it to the disk, and returns its record."""
    records = read_history(root).records
    record = Record(
        number=records[-1].number + 1 if records else 1,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        host=socket.gethostname(),
        change=change,
        previous=records[-1].hash if records else START,
        hash="",
    )
    line = json.dumps({**_content(record), "hash": _hash(record)}, ensure_ascii=False, allow_nan=False)
    root.mkdir(parents=True, exist_ok=True)
    path = root / HISTORY_FILE
    with path.open("ab") as file:
        file.truncate(_end_of_last_line(path))
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_path(root)
    return Record(**{**vars(record), "hash": _hash(record)})


def reconcile(root: Path, actor: str) -> str | None:
    """Returns the bundle that is served, None where there is none, after noting it if the history says otherwise.

    The history says otherwise where a process died between the record of a switch and the switch, and where a
    bundle was installed without one.
    """
    try:
        served = champion_version(root)
    except BundleError:
        served = None
    line = read_history(root).served()
    recorded = line[-1] if line else None
    if served is not None and served != recorded:
        note = f"{served} is served, but the last record is of {recorded}" if recorded else "served before"
        append(root, Change(Action.FOUND, actor, recorded, served, note=note))
    return served


def _content(record: Record) -> dict[str, Any]:
    change = asdict(record.change)
    renamed = {{"before": "from", "after": "to"}.get(name, name): value for name, value in change.items()}
    head = {"number": record.number, "at": record.at, "host": record.host}
    return {**head, **renamed, "previous": record.previous}


def _hash(record: Record) -> str:
    text = json.dumps(_content(record), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _parse(line: bytes) -> Record | None:
    try:
        found = json.loads(line)
        head = {name: found.pop(name) for name in ("number", "at", "host", "previous", "hash")}
        change = Change(
            action=Action(found.pop("action")), before=found.pop("from"), after=found.pop("to"), **found
        )
        return Record(change=change, **head)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _end_of_last_line(path: Path) -> int:
    """Returns where the next line begins: what a dying process left half written is cut off."""
    return path.read_bytes().rfind(b"\n") + 1

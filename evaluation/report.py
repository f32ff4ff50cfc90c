"""HTML reports: one self-contained file of tables and plots, every text escaped."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.metrics import Interval

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE_FILE = Path(__file__).parent / "report.html.j2"
Cell = str | int | float | Interval | None
"""What stands in a table; shares are floats in [0, 1]."""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        columns: headings; the first column names the row.
        rows: as many cells each as there are columns.
        note: what a reader must know to read it.
        page_only: too wide for a terminal, such as one of texts.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    page_only: bool = False

    def texts(self) -> list[list[str]]:
        """Returns the cells as they are shown."""
        return [[show(cell) for cell in row] for row in self.rows]

    def cells(self) -> list[list[Shown]]:
        """Returns the cells as the page shows them."""
        return [[_shown(cell) for cell in row] for row in self.rows]


@dataclass(frozen=True)
class Shown:
    """A cell of the page: its value, and beside it in small letters the interval."""

    value: str
    interval: str = ""
    is_text: bool = False


@dataclass(frozen=True)
class Plot:
    """A picture with what it shows.

    Attributes:
        png: as `evaluation.plots.to_png` gives it.
        caption: what is seen; it is the picture's alternative text, too.
    """

    png: bytes
    caption: str

    @property
    def data_uri(self) -> str:
        """The picture as the page embeds it."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode()


@dataclass(frozen=True)
class Section:
    """A part of a report."""

    title: str
    text: str = ""
    tables: Sequence[Table] = ()
    plots: Sequence[Plot] = ()


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes:
        summary: the sentences a hurried reader reads.
        sections: in reading order.
        provenance: what it was made from: bundle, index, data, command.
    """

    title: str
    summary: Sequence[str]
    sections: Sequence[Section]
    provenance: Mapping[str, str] = field(default_factory=dict)


def write_report(report: Report, path: Path) -> None:
    """Writes `report` to `path`, which is replaced in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(_template().render(report=report), encoding="utf-8")
    partial.replace(path)


def show(cell: Cell) -> str:
    """Returns a cell as text: three decimals, an interval in brackets, a dash for what is not known."""
    if isinstance(cell, Interval):
        return f"{show(cell.value)} [{show(cell.low)}, {show(cell.high)}]"
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "–"
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def _shown(cell: Cell) -> Shown:
    if isinstance(cell, Interval) and not math.isnan(cell.value):
        return Shown(show(cell.value), f"{show(cell.low)} to {show(cell.high)}")
    return Shown(show(cell), is_text=isinstance(cell, str))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(TEMPLATE_FILE.read_text(encoding="utf-8"))

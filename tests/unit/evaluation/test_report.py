from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from evaluation.metrics import Interval
from evaluation.plots import new_figure, to_png
from evaluation.report import Plot, Report, Section, Table, show, write_report

HOSTILE = "<script>alert('Ärger 返金')</script>"


class Tags(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def write(folder: Path) -> str:
    table = Table(
        "By language", ("language", "share"), [(HOSTILE, Interval(0.5, 0.25, 0.75)), ("ja", None)], HOSTILE
    )
    plot = Plot(to_png(new_figure(2, 2)[0]), HOSTILE)
    section = Section("Figures", HOSTILE, [table], [plot])
    path = folder / "new" / "report.html"
    write_report(Report(HOSTILE, [HOSTILE], [section], {"bundle": HOSTILE}), path)
    return path.read_text(encoding="utf-8")


def test_write_report_text_is_never_markup(tmp_path: Path) -> None:
    page = Tags()
    text = write(tmp_path)
    page.feed(text)
    assert not [tag for tag, _ in page.found if tag == "script"]
    assert "Ärger 返金" in text


def test_write_report_page_needs_nothing_from_outside(tmp_path: Path) -> None:
    page = Tags()
    page.feed(write(tmp_path))
    sources = [attributes.get("src") or "" for _, attributes in page.found if "src" in attributes]
    assert len(sources) == 1
    assert sources[0].startswith("data:image/png;base64,")
    assert not [attributes for _, attributes in page.found if "href" in attributes]


def test_write_report_again_replaces_the_page_and_leaves_nothing_else(tmp_path: Path) -> None:
    assert write(tmp_path) == write(tmp_path)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.html"]


def test_show_cells_read_as_a_person_would_write_them() -> None:
    cells = [0.12345, 1234, Interval(0.5, 0.25, 0.75), None, float("nan"), "ja"]
    assert [show(cell) for cell in cells] == ["0.123", "1,234", "0.500 [0.250, 0.750]", "–", "–", "ja"]

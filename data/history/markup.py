"""Text out of HTML: some exports hold mails as they were sent."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LOOKS_LIKE_HTML = re.compile(r"<(?:p|div|br|html|body|span|table|a|ul|ol|li|h[1-6])\b[^<>]*>", re.IGNORECASE)
BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"})
SILENT = frozenset({"script", "style", "head"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.heading = ""
        self._silent = 0
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self._in_heading = tag in ("h1", "title") and not self.heading
        if tag in BLOCKS:
            self.parts.append("\n")
        self.parts += [f" {value} " for name, value in attrs if name == "href" and tag == "a" and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in SILENT))
        self._in_heading = False
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading += data.strip()
        if not self._silent:
            self.parts.append(data)


def plain_text(text: str) -> str:
    """Returns `text` without tags where it is HTML; the targets of links stay, for they name articles."""
    return read_html(text)[1] if LOOKS_LIKE_HTML.search(text) else text


def read_html(text: str) -> tuple[str, str]:
    """Returns the title of a page (its first heading) and its text."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return reader.heading, "\n".join(line for line in lines if line)

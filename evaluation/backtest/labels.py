"""Which article solved a ticket: as a column says, or as the human reply names it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from data.schema import Article

UNLABELLED = -1
NO_ARTICLE = -2
"""The export says that no article solved the ticket."""
FOREIGN = -3
"""The export names an article that the folder does not have."""
NONE_WORDS = frozenset(
    {
        "none",
        "no",
        "no article",
        "n/a",
        "na",
        "-",
        "–",
        "—",
        "null",
        "keiner",
        "ninguno",
        "aucun",
        "なし",
        "无",
        "無",
    }
)
LEAST_ID = 4
"""Characters; a shorter id in a reply may be any number or word."""
LEAST_TITLE, LEAST_TITLE_CJK = 14, 7


@dataclass(frozen=True)
class ArticleNames:
    """The names under which texts speak of the articles.

    Attributes:
        ids: of the articles, each once; an article's number is its place here.
        titles: number of the article of each title, folded; titles of two articles are left out.
    """

    ids: tuple[str, ...]
    titles: Mapping[str, int]

    @classmethod
    def of(cls, articles: Sequence[Article]) -> ArticleNames:
        """Returns the names of `articles`."""
        ids = tuple(sorted({article.id for article in articles}))
        titles: dict[str, int] = {}
        for article in articles:
            number, title = ids.index(article.id), _fold(article.title)
            titles[title] = number if titles.get(title, number) == number else UNLABELLED
        return cls(ids, {title: number for title, number in titles.items() if number >= 0})

    def number(self, article_id: str | None) -> int:
        """Returns the number of an id, `UNLABELLED` for an unknown one."""
        return self._numbers.get(article_id.casefold(), UNLABELLED) if article_id else UNLABELLED

    def resolve(self, cell: str) -> int:
        """Returns the article that a cell of the article column names: an id, a link or a title."""
        word = cell.strip().casefold()
        if not word:
            return UNLABELLED
        if word in NONE_WORDS:
            return NO_ARTICLE
        if word in self._numbers:
            return self._numbers[word]
        found = self._id_pattern.search(cell)
        return self._numbers[found[0].casefold()] if found else self.titles.get(_fold(cell), FOREIGN)

    def mentioned(self, reply: str) -> int:
        """Returns the one article whose id, link or title stands in a reply; `UNLABELLED` for none or several."""
        if not reply:
            return UNLABELLED
        found = {
            self._numbers[name.casefold()]
            for name in self._id_pattern.findall(reply)
            if len(name) >= LEAST_ID and any(character.isdigit() for character in name)
        }
        if not found:
            folded = _fold(reply)
            found = {number for title, number in self._telling_titles if title in folded}
        return found.pop() if len(found) == 1 else UNLABELLED

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name.casefold(): number for number, name in enumerate(self.ids)}

    @cached_property
    def _id_pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.ids, key=len, reverse=True)
        names = "|".join(map(re.escape, longest_first))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{names})(?![A-Za-z0-9])", re.IGNORECASE)

    @cached_property
    def _telling_titles(self) -> list[tuple[str, int]]:
        return [
            (title, number)
            for title, number in self.titles.items()
            if len(title) >= (LEAST_TITLE if title.isascii() else LEAST_TITLE_CJK)
        ]


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())

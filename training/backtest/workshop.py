"""What a backtest prepares its models from: the champion, and the company's articles, complete and indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.schema import UNDETERMINED, Article, Language
from kb_index.build import build_index
from models.bundle import Bundle
from models.champion import open_champion
from models.language import LanguageReader
from serving.settings import Settings

READ_CHARACTERS = 4_000


@dataclass(frozen=True)
class Workshop:
    """What a backtest prepares its models from.

    Attributes:
        articles: complete: language and category are known.
        folder: where index, bundle and training files are written.
    """

    settings: Settings
    champion: Bundle
    articles: Sequence[Article]
    folder: Path

    @property
    def index(self) -> Path:
        """The root of the index of the company's articles."""
        return self.folder / "index"


def open_workshop(settings: Settings, articles: Sequence[Article], folder: Path) -> Workshop:
    """Returns the workshop for a company's articles, indexed; what they do not say of themselves is read.

    Raises:
        BundleError: nothing was trained yet.
    """
    champion = open_champion(settings.models.bundles)
    workshop = Workshop(settings, champion, complete_articles(articles, champion), folder)
    build_index(workshop.articles, champion.encoder, workshop.index)
    return workshop


def complete_articles(articles: Sequence[Article], champion: Bundle) -> list[Article]:
    """Returns `articles` with the language that is read from the text, and the category that the champion reads."""
    texts = [f"{article.title}\n{article.body}"[:READ_CHARACTERS] for article in articles]
    guesses = LanguageReader().read(texts)
    languages = [
        article.language or (Language.EN if guess.language == UNDETERMINED else guess.language)
        for article, guess in zip(articles, guesses, strict=True)
    ]
    readings = champion.read(texts, languages)
    return [
        replace(article, language=language, category=article.category or reading.category.value)
        for article, language, reading in zip(articles, languages, readings, strict=True)
    ]
